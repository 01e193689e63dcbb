// Where windows lie along one axis of an image, and how much each counts: the
// fixed windows of heightnet_tf/inference/grid.py, which says why.

import {settled} from './rounding.js';

/** Windows along one axis, in the pixels that the network sees. */
export class Axis {
  /**
   * @param {number} sizePx length of the image, its own pixels.
   * @param {?number} anchorPx number of its first pixel, counted from a zero
   *     that all parts of a scene share; null where nobody knows.
   * @param {number} factor network pixels in an image pixel.
   * @param {number} windowPx length of a window.
   * @param {number} overlapPx overlap of neighbours.
   */
  constructor(sizePx, anchorPx, factor, windowPx, overlapPx) {
    this.sizePx = sizePx;
    const seenPx = Math.max(1, Math.ceil(settled(factor * sizePx)));
    const single = seenPx <= windowPx;
    this.anchorPx = single ? 0 : anchorPx ?? 0;
    this.factor = factor;
    this.windowPx = windowPx;
    this.stepPx = windowPx - overlapPx;
    this.leadPx = Math.floor(overlapPx / 2);
    if (single) {
      this.stepPx = windowPx;
      this.leadPx = Math.floor((windowPx - seenPx) / 2);
    }
    this.first = Math.floor(settled(factor * this.anchorPx));
    this.stop = Math.max(this.first + 1,
      Math.ceil(settled(factor * (this.anchorPx + sizePx))));
  }

  /** Network pixels that the image reaches into. */
  get length() {
    return this.stop - this.first;
  }

  /** Numbers of the cells that the image reaches into. */
  get cells() {
    const first = Math.floor(this.first / this.stepPx);
    const last = Math.floor((this.stop - 1) / this.stepPx);
    return Array.from({length: last - first + 1}, (_, k) => first + k);
  }

  /** First pixel of a cell's window. */
  start(cell) {
    return cell * this.stepPx - this.leadPx;
  }

  /** The part of a cell's window that the image reaches into. */
  inside(cell) {
    const start = this.start(cell);
    return [Math.max(start, this.first),
      Math.min(start + this.windowPx, this.stop)];
  }

  /** How much a window counts in each pixel of `inside`. */
  shares(cell) {
    const [first, stop] = this.inside(cell);
    const cells = this.cells;
    return Float32Array.from({length: stop - first}, (_, k) => {
      const middle = first + k + 0.5;
      const total = cells.reduce(
        (sum, other) => sum + this.#cosine(middle, other), 0);
      return this.#cosine(middle, cell) / total;
    });
  }

  /** Where a place of the axis lies in the image, in its pixels. */
  toImage(pixel) {
    return pixel / this.factor - this.anchorPx;
  }

  /** Where a place in the image lies on the axis. */
  fromImage(pixel) {
    return this.factor * (this.anchorPx + pixel);
  }

  #cosine(middle, cell) {
    const share = (middle - this.start(cell)) / this.windowPx;
    return share <= 0 || share >= 1 ? 0 :
      0.5 - 0.5 * Math.cos(2 * Math.PI * share);
  }
}
