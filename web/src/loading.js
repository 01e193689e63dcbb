// The model that the page runs, and what the page says of it.

import {part} from './dom.js';
import {drawModel} from './panel.js';
import {openPredictor} from './predictor.js';
import {complain, sentence} from './saying.js';
import {SentenceError} from './sentences.js';
import {state} from './state.js';

const MODEL = 'model/height.tflite';

export async function bundledModel() {
  const answer = await fetch(MODEL);
  if (!answer.ok) {
    throw new SentenceError(
      `There is no model at ${MODEL}: drop a .tflite file here, or start ` +
      'serve_main.py with --page_model=FILE.tflite.');
  }
  return new Uint8Array(await answer.arrayBuffer());
}

/** Takes a model into use; `source` gives its bytes. */
export function useModel(source, name) {
  state.model = loadModel(source, name);
  state.model.catch(complain);
  return state.model;
}

async function loadModel(source, name) {
  const dot = part('model-dot');
  const said = part('model-state');
  dot.className = 'dot';
  said.classList.remove('ready');
  said.textContent = 'Loading the model';
  try {
    state.predictor?.close();
    const bytes = await source();
    const asked = new URLSearchParams(location.search).get('backend');
    state.predictor = await openPredictor(bytes,
      ['wasm', 'webgpu'].includes(asked) ? asked : 'auto');
    dot.classList.add('ready');
    said.classList.add('ready');
    said.textContent = 'Model ready';
    drawModel(part('model-facts'), name, state.predictor);
  } catch (error) {
    state.predictor = null;
    dot.classList.add('failed');
    said.textContent = 'No model';
    throw sentence(error, `The model ${name} cannot be loaded.`);
  }
}
