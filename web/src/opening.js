// Opening files and predicting: one at a time, the last one wins.

import {part} from './dom.js';
import {useModel} from './loading.js';
import {sidesM} from './pixel_size.js';
import {readImage} from './reading.js';
import {busy, complain, hush, idle} from './saying.js';
import {SentenceError} from './sentences.js';
import {backToStart, showHeights, showImage} from './showing.js';
import {state} from './state.js';

const SAMPLE = 'sample/scene.tif';
const SAMPLE_NAME = 'Made-up town.tif';

/** Opens an image, or a model. */
export async function open(file) {
  if (file.name.toLowerCase().endsWith('.tflite')) return openModel(file);
  hush();
  const read = ++state.read;
  busy('Reading the image', null);
  try {
    const image = await readImage(file);
    if (read !== state.read) return;
    showImage(image);
    await predict();
  } catch (error) {
    if (read === state.read) fail(error);
  }
}

export async function openModel(file) {
  part('model-dialog').close();
  hush();
  try {
    await useModel(async () => new Uint8Array(await file.arrayBuffer()),
      file.name);
    if (state.image) await predictAgain();
  } catch {
    // useModel has complained.
  }
}

export async function openSample() {
  try {
    const answer = await fetch(SAMPLE);
    if (!answer.ok) throw new SentenceError('The sample is missing.');
    await open(new File([await answer.blob()], SAMPLE_NAME));
  } catch (error) {
    complain(error);
  }
}

export async function predictAgain() {
  hush();
  try {
    await predict();
  } catch (error) {
    fail(error);
  }
}

/** Predicts the open image; what still runs for another is given up. */
async function predict() {
  const job = ++state.job;
  busy('Waiting for the model', null);
  if (state.running) state.model = state.predictor.cancel();
  await state.model;
  if (job !== state.job) return;
  state.running = true;
  try {
    const maps = await predictOpen(job);
    if (job === state.job) showHeights(maps);
  } finally {
    state.running = false;
  }
}

function predictOpen(job) {
  const started = performance.now();
  return state.predictor.predict(state.image, sidesM(),
    (done, all) => {
      if (job !== state.job) return;
      const left = (performance.now() - started) / 1000 * (all - done) / done;
      const wait = done > 1 && left > 3 ? `, ${Math.round(left)} s left` : '';
      const count = all > 1 ? `: ${done} of ${all} tiles${wait}` : '';
      busy(`Reading heights${count}`, all > 1 ? done / all : null);
    });
}

export async function cancel() {
  state.job += 1;
  state.read += 1;
  idle();
  if (!state.maps) backToStart();
  state.model = state.predictor?.cancel() ?? state.model;
  await state.model.catch(complain);
}

function fail(error) {
  idle();
  if (error.cancelled) return;
  if (!state.maps && state.image && !(error instanceof SentenceError)) {
    backToStart();
  }
  complain(error);
}
