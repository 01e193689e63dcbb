// What the page says: progress, errors, and words for a screen reader.

import {part} from './dom.js';
import {SentenceError} from './sentences.js';

const SPEAK_AFTER_MS = 250;

export function busy(text, share) {
  if (part('work').hidden) return;
  part('busy').hidden = false;
  part('busy-text').textContent = text;
  if (share === null) part('progress').removeAttribute('value');
  else part('progress').value = share;
}

export function idle() {
  part('busy').hidden = true;
}

export function sentence(error, otherwise) {
  return error instanceof SentenceError || error.cancelled ? error :
    new SentenceError(otherwise, {cause: error});
}

export function complain(error) {
  if (error.cancelled) return;
  const told = sentence(error,
    'Something went wrong, perhaps for want of memory. Try a smaller image.');
  if (told.cause) console.error(told.cause);
  part('error-text').textContent = told.message;
  part('error').hidden = false;
}

export function hush() {
  part('error').hidden = true;
}

let speaking = 0;

export function speak(text) {
  clearTimeout(speaking);
  speaking = setTimeout(() => part('live').textContent = text, SPEAK_AFTER_MS);
}
