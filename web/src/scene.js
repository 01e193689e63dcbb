// Heights of a whole image on its own grid: heightnet_tf/inference/scenes.py,
// all at once.

import {Axis} from './grid.js';
import {fromNetwork, reflected, toNetwork} from './resampling.js';
import {SentenceError} from './sentences.js';

const OVERLAP_PX = 64;
const FARTHEST_SCALE = 8;
const MOST_PIXELS = 64e6;

/**
 * Works out by how much an image is resized before the network sees it.
 *
 * @param {{gsd_m: ?number, scale: number}} card of the model.
 * @param {?number[]} sidesM ground sizes of a pixel downwards and across,
 *     metres; null if unknown.
 * @return {number[]} factors downwards and across.
 */
export function factorsBetween(card, sidesM) {
  if (sidesM === null || card.gsd_m === null) return [card.scale, card.scale];
  const factors = sidesM.map((side) => side / card.gsd_m);
  if (factors.some((one) => one > FARTHEST_SCALE || one < 1 / FARTHEST_SCALE)) {
    throw new SentenceError(
      `The pixels are ${short(Math.sqrt(sidesM[0] * sidesM[1]))} m wide, and ` +
      `the model was trained on pixels of ${short(card.gsd_m)} m. It works ` +
      `up to a factor of ${FARTHEST_SCALE}; check the pixel size.`);
  }
  return factors;
}

/**
 * Predicts the heights of an image with overlapping, blended windows.
 *
 * @param {{pixels: Uint8Array, known: ?Uint8Array, width: number,
 *     height: number, anchors: Array<?number>}} image pixels [height, width,
 *     3]; anchors are the numbers of its first row and column.
 * @param {number[]} factors on height and width before the network sees it.
 * @param {{sidePx: number, outputs: number, run: function(Float32Array):
 *     Promise<Float32Array[]>}} network takes [side, side, 3], 0 to 255, and
 *     gives one map [side, side] for each output.
 * @param {function(number, number)} progress called with windows done and all.
 * @return {Promise<Float32Array[]>} one map [height, width] for each output;
 *     NaN where the image is unknown.
 */
export async function predictScene(image, factors, network, progress) {
  const side = network.sidePx;
  const overlapPx = Math.min(OVERLAP_PX, Math.floor(side / 2));
  const [rows, columns] = [image.height, image.width].map((sizePx, k) =>
    new Axis(sizePx, image.anchors[k], factors[k], side, overlapPx));
  if (rows.length * columns.length > MOST_PIXELS) {
    throw new SentenceError(
      `At the model's pixel size this image has ${columns.length} × ` +
      `${rows.length} pixels, more than a browser can hold. Cut it, or use ` +
      'predict_main.py.');
  }
  const pixels = toNetwork(image.pixels, rows, columns);
  const maps = Array.from({length: network.outputs},
    () => new Float32Array(rows.length * columns.length));
  const places = placesOf(rows, columns)
    .filter((place) => seesKnown(image, rows, columns, place));
  for (const [done, place] of places.entries()) {
    progress(done, places.length);
    const tile = tileAt(pixels, rows, columns, place, side);
    const windows = await network.run(tile);
    maps.forEach((map, k) => addWindow(map, rows, columns, windows[k], place));
  }
  progress(places.length, places.length);
  return maps.map((map) => {
    const result = fromNetwork(map, rows, columns);
    image.known?.forEach((known, k) => known || (result[k] = NaN));
    return result;
  });
}

/** Every window: its row and column of cells. */
function placesOf(rows, columns) {
  const across = columns.cells.map(
    (cell) => ({cell, shares: columns.shares(cell)}));
  return rows.cells.flatMap((cell) => {
    const shares = rows.shares(cell);
    return across.map((one) => ({row: cell, down: shares, column: one.cell,
      across: one.shares}));
  });
}

/** Whether any pixel in or around a window is known. */
function seesKnown({known, width}, rows, columns, {row, column}) {
  if (!known) return true;
  const [[top, bottom], [left, right]] = [[rows, row], [columns, column]].map(
    ([axis, cell]) => {
      const reach = Math.ceil(3 * Math.max(1, 1 / axis.factor));
      const [first, stop] = axis.inside(cell).map((k) => axis.toImage(k));
      return [Math.max(0, Math.floor(first) - reach),
        Math.min(axis.sizePx, Math.ceil(stop) + reach)];
    });
  for (let y = top; y < bottom; y++) {
    if (known.subarray(y * width + left, y * width + right).includes(1)) {
      return true;
    }
  }
  return false;
}

/** What one window sees, filled up by reflection; [side, side, 3]. */
function tileAt(pixels, rows, columns, {row, column}, side) {
  const tile = new Float32Array(side * side * 3);
  const [top, bottom] = rows.inside(row);
  const [left, right] = columns.inside(column);
  const places = Array.from({length: side}, (_, x) => 3 * (left -
    columns.first + reflected(columns.start(column) + x - left, right - left)));
  let to = 0;
  for (let y = 0; y < side; y++) {
    const line = 3 * columns.length * (top - rows.first +
      reflected(rows.start(row) + y - top, bottom - top));
    for (const place of places) {
      tile[to++] = pixels[line + place];
      tile[to++] = pixels[line + place + 1];
      tile[to++] = pixels[line + place + 2];
    }
  }
  return tile;
}

/** Adds a predicted window to a map, by its weights. */
function addWindow(map, rows, columns, window, {row, column, down, across}) {
  const top = rows.inside(row)[0];
  const left = columns.inside(column)[0];
  for (let y = 0; y < down.length; y++) {
    const from = (top - rows.start(row) + y) * columns.windowPx + left -
      columns.start(column);
    const to = (top - rows.first + y) * columns.length + left - columns.first;
    for (let x = 0; x < across.length; x++) {
      map[to + x] += window[from + x] * Math.fround(down[y] * across[x]);
    }
  }
}

function short(metres) {
  return String(Number(metres.toPrecision(3)));
}
