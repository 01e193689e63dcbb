// Between the pixels of an image and those that the network sees, with the
// arithmetic of Pillow, which the Python side uses: the model then sees the
// same pixels here as there. See heightnet_tf/inference/feeding.py and
// unfeeding.py, from which the pieces come.

// Towards the network, and back across and down.
const PIECE_PX = 256;
const BACK_PX = 512;
const CHUNK_PX = 128;
const PRECISION = 22;
// How far the kernels reach, and one pixel for rounding.
const CUBIC_REACH_PX = 3;
const LINEAR_REACH_PX = 2;

/**
 * What each pixel of a resized axis is made of.
 *
 * @typedef {{firsts: number[], weights: Float64Array[]}} Plan the first source
 *     pixel, and a weight for it and those that follow.
 */

/**
 * Resamples an image to the pixels that the network sees, bicubic, smoothed
 * before it shrinks, mirrored at its edges.
 *
 * @param {Uint8Array} image [height, width, 3].
 * @param {import('./grid.js').Axis} rows how the network's rows lie.
 * @param {import('./grid.js').Axis} columns and its columns.
 * @return {Uint8Array} [rows.length, columns.length, 3].
 */
export function toNetwork(image, rows, columns) {
  if (rows.factor === 1 && columns.factor === 1) return image;
  const finish = (sum) =>
    Math.min(255, Math.max(0, Math.floor(sum / 2 ** PRECISION + 0.5)));
  const [down, across] = [rows, columns].map(
    (axis) => wholeWeights(mirrored(plannedIn(axis), axis.sizePx)));
  return resized(image, columns.sizePx, down, across, 3, finish);
}

/**
 * Resamples a map from the pixels that the network sees to the image's,
 * bilinear.
 *
 * @param {Float32Array} map [rows.length, columns.length].
 * @param {import('./grid.js').Axis} rows how the network's rows lie.
 * @param {import('./grid.js').Axis} columns and its columns.
 * @return {Float32Array} [rows.sizePx, columns.sizePx].
 */
export function fromNetwork(map, rows, columns) {
  if (rows.factor === 1 && columns.factor === 1) return map;
  return resized(map, columns.length, listed(plannedOut(rows, CHUNK_PX)),
    listed(plannedOut(columns, BACK_PX)), 1, Math.fround);
}

/** Network pixels from image pixels, piece by piece. */
function plannedIn(axis) {
  if (axis.factor === 1) return same(axis.sizePx);
  const side = Math.max(1,
    Math.min(PIECE_PX, Math.floor(PIECE_PX * axis.factor)));
  const reach = Math.ceil(CUBIC_REACH_PX * Math.max(1, 1 / axis.factor));
  const plan = {firsts: [], weights: []};
  for (let at = Math.floor(axis.first / side) * side; at < axis.stop;
    at += side) {
    const first = Math.floor(axis.toImage(at)) - reach;
    const [start, stop] = [at, at + side].map(
      (pixel) => axis.toImage(pixel) - first);
    for (let k = 0; k < side; k++) {
      if (at + k < axis.first || at + k >= axis.stop) continue;
      const one = kernel(start, stop, side, k, 2, bicubic);
      plan.firsts.push(first + one.first);
      plan.weights.push(one.weights);
    }
  }
  return plan;
}

/** Image pixels from network pixels, `side` at a time. */
function plannedOut(axis, side) {
  if (axis.factor === 1) return same(axis.sizePx);
  const reach = Math.ceil(LINEAR_REACH_PX * Math.max(1, axis.factor));
  const plan = {firsts: [], weights: []};
  for (let at = 0; at < axis.sizePx; at += side) {
    const end = Math.min(at + side, axis.sizePx);
    const [from, to] = [at, end].map((pixel) => axis.fromImage(pixel));
    const low = Math.max(axis.first, Math.floor(from) - reach);
    const high = Math.min(axis.stop, Math.ceil(to) + reach);
    const [start, stop] = [from, to].map(
      (place) => Math.min(Math.max(place - low, 0), high - low));
    for (let k = 0; k < end - at; k++) {
      const one = kernel(start, stop, end - at, k, 1, linear, high - low);
      plan.firsts.push(low - axis.first + one.first);
      plan.weights.push(one.weights);
    }
  }
  return plan;
}

/**
 * The weights of one pixel, as Pillow works them out: the box in float32, the
 * rest in float64, nothing beyond the source.
 */
function kernel(start, stop, count, k, support, weight, length = Infinity) {
  const box = [Math.fround(start), Math.fround(stop)];
  const scale = Math.fround(box[1] - box[0]) / count;
  const stretch = Math.max(scale, 1);
  const middle = box[0] + (k + 0.5) * scale;
  const first = Math.max(0, Math.floor(middle - support * stretch + 0.5));
  const end = Math.min(length, Math.floor(middle + support * stretch + 0.5));
  const raw = Float64Array.from({length: end - first},
    (_, j) => weight((j + first - middle + 0.5) / stretch));
  const total = raw.reduce((sum, one) => sum + one, 0);
  return {first, weights: raw.map((one) => one / total)};
}

function same(length) {
  const one = Float64Array.of(1);
  return {firsts: Array.from({length}, (_, k) => k),
    weights: Array.from({length}, () => one)};
}

/** Source pixels one by one, so that those beyond the edge can be mirrored. */
function listed({firsts, weights}) {
  return {weights, sources: firsts.map(
    (first, k) => Int32Array.from(weights[k], (_, j) => first + j))};
}

function mirrored(plan, sizePx) {
  const {weights, sources} = listed(plan);
  return {weights, sources: sources.map(
    (one) => one.map((place) => reflected(place, sizePx)))};
}

/** Pillow resizes bytes with whole numbers. */
function wholeWeights({sources, weights}) {
  return {sources, weights: weights.map(
    (one) => one.map((weight) => Math.round(weight * 2 ** PRECISION)))};
}

/** Mirrors a place beyond an axis back onto it, its edge repeated once. */
export function reflected(place, size) {
  const turn = ((place % (2 * size)) + 2 * size) % (2 * size);
  return turn < size ? turn : 2 * size - 1 - turn;
}

function resized(values, width, down, across, bands, finish) {
  const height = values.length / width / bands;
  const wide = across.sources.length;
  const rows = new values.constructor(height * wide * bands);
  for (let x = 0; x < wide; x++) {
    const weights = across.weights[x];
    const sources = across.sources[x];
    for (let y = 0; y < height; y++) {
      for (let band = 0; band < bands; band++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) {
          sum += values[(y * width + sources[k]) * bands + band] * weights[k];
        }
        rows[(y * wide + x) * bands + band] = finish(sum);
      }
    }
  }
  const line = wide * bands;
  const result = new values.constructor(down.sources.length * line);
  for (let y = 0; y < down.sources.length; y++) {
    const weights = down.weights[y];
    const sources = down.sources[y];
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) {
        sum += rows[sources[k] * line + x] * weights[k];
      }
      result[y * line + x] = finish(sum);
    }
  }
  return result;
}

function bicubic(x) {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}

function linear(x) {
  return Math.max(0, 1 - Math.abs(x));
}
