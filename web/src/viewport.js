// Which part of an image a canvas shows, and where on it a pixel lies.

const MOST_ZOOM = 40;
const LEAST_SHARE = 0.2;
const MARGIN_PX = 30;

/** An image, scaled and moved on a canvas; x and y are the canvas' pixels. */
export class Viewport {
  #canvas;
  size = null;
  scale = 1;
  left = 0;
  top = 0;

  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** Shows all of the image; false if there is nothing to show. */
  fit() {
    const {clientWidth, clientHeight} = this.#canvas;
    if (!this.size || !clientWidth) return false;
    const {width, height} = this.size;
    this.scale =
      0.96 * Math.min(clientWidth / width, clientHeight / height);
    this.left = (clientWidth - this.scale * width) / 2;
    this.top = (clientHeight - this.scale * height) / 2;
    return true;
  }

  /** Zooms about a place of the canvas. */
  zoomBy(factor, x, y) {
    const least = LEAST_SHARE * this.#canvas.clientWidth / this.size.width;
    const scale = Math.min(MOST_ZOOM, Math.max(least, this.scale * factor));
    const change = scale / this.scale;
    this.scale = scale;
    this.left = x - (x - this.left) * change;
    this.top = y - (y - this.top) * change;
  }

  move(x, y) {
    this.left += x;
    this.top += y;
  }

  /** Moves the image so that a pixel of it is seen. */
  show(pixel) {
    const {x, y} = this.placeOf(pixel);
    const {clientWidth, clientHeight} = this.#canvas;
    const past = (value, size) => Math.max(0, MARGIN_PX - value) -
      Math.max(0, value - size + MARGIN_PX);
    this.move(past(x, clientWidth), past(y, clientHeight));
  }

  /** The middle of a pixel, on the canvas. */
  placeOf({column, row}) {
    return {x: this.left + (column + 0.5) * this.scale,
      y: this.top + (row + 0.5) * this.scale};
  }

  /** The pixel at a place of the canvas, and whether the image has it. */
  pixelAt(x, y) {
    const column = Math.floor((x - this.left) / this.scale);
    const row = Math.floor((y - this.top) / this.scale);
    return {column, row, inside: column >= 0 && row >= 0 &&
      column < this.size.width && row < this.size.height};
  }

  /** The pixel of the image that is nearest to a pixel. */
  within({column, row}) {
    return {
      column: Math.min(this.size.width - 1, Math.max(0, column)),
      row: Math.min(this.size.height - 1, Math.max(0, row)),
    };
  }
}
