// What tests/reference.py made: files, and what Python reads and predicts.

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const PYTHON = process.env.PYTHON ??
  path.join(ROOT, '.venv/bin/python');

const FOLDER = path.join(import.meta.dirname, 'made');

export const pathOf = (name) => path.join(FOLDER, name);

export const expected = () =>
  JSON.parse(fs.readFileSync(pathOf('expected.json'), 'utf8'));

export const bytesOf = (name) => new Uint8Array(fs.readFileSync(pathOf(name)));

export const fileOf = (name) => new File([bytesOf(name)], name);

export const heightsOf = (name) =>
  new Float32Array(bytesOf(`${name}.heights`).buffer);

/** Lets Python look at what the page wrote; see reference.py. */
export function check(request) {
  fs.writeFileSync(pathOf('page/asked.json'), JSON.stringify(request));
  execFileSync(PYTHON, [path.join(import.meta.dirname, 'reference.py'),
    `--output=${FOLDER}`, '--check=page/asked.json'],
    {env: {...process.env, PYTHONPATH: ROOT}, stdio: 'pipe'});
  return JSON.parse(fs.readFileSync(pathOf('page/written.json'), 'utf8'));
}

/** Largest difference of two maps; NaN must be in the same places. */
export function farthest(one, other) {
  if (one.length !== other.length) return Infinity;
  let most = 0;
  for (let k = 0; k < one.length; k++) {
    if (Number.isNaN(one[k]) !== Number.isNaN(other[k])) return Infinity;
    if (!Number.isNaN(one[k])) {
      most = Math.max(most, Math.abs(one[k] - other[k]));
    }
  }
  return most;
}
