// The ground size of the image's pixels: told, typed or assumed.

import {part} from './dom.js';
import {metres} from './panel.js';
import {complain} from './saying.js';
import {SentenceError} from './sentences.js';
import {state} from './state.js';

export function noteSize() {
  const {image, gsdM, predictor} = state;
  const model = predictor?.card.gsd_m ?? null;
  const note = part('size-note');
  note.classList.toggle('note', gsdM === null);
  if (gsdM !== null) {
    note.textContent = gsdM === image.gsdM ? 'From the file.' : 'As typed.';
  } else if (model === null) {
    note.textContent = 'Not in the file.';
  } else {
    note.textContent = 'Not in the file: taken as ' +
      `${metres(assumedSize())} m. Type it for better heights.`;
  }
}

/** Ground sizes of a pixel downwards and across; null if unknown. */
export function sidesM() {
  const {image, gsdM} = state;
  if (gsdM === image.gsdM) return image.sidesM;
  return [gsdM, gsdM];
}

/** The pixel size that the model reckons with where nobody told it one. */
export function assumedSize() {
  const {gsd_m: gsdM, scale} = state.predictor?.card ?? {};
  return gsdM ? gsdM * scale : null;
}

/** Takes what was typed, or complains; whether it makes sense. */
export function takeTypedSize() {
  const field = part('pixel-size');
  const typed = field.value.trim().replace(',', '.');
  const value = typed === '' ? state.image.gsdM : Number(typed);
  const wrong = value !== null && !(value > 0 && Number.isFinite(value));
  field.setAttribute('aria-invalid', wrong);
  if (wrong) {
    complain(new SentenceError(
      `${field.value} is no pixel size. Type metres, such as 0.5.`));
    return false;
  }
  state.gsdM = value;
  part('again').hidden = true;
  noteSize();
  return true;
}
