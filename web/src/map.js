// The map: one picture at a time, a marker, a line; by pointer and by keyboard.

import {drawDot, drawLine, drawMarker} from './marks.js';
import {Viewport} from './viewport.js';

const STEP_PX = 1;
const LONG_STEP_PX = 10;
const WHEEL = 0.0015;

/** Draws layers in a canvas and tells where the user points and draws. */
export class MapView {
  #canvas;
  #context;
  #told;
  #view;
  #layers = {};
  #layer = 'heights';
  #pointers = new Map();
  #marker = null;
  #line = null;
  #drawing = false;
  #bead = null;
  #lineTool = false;
  #waiting = false;

  /**
   * @param {HTMLCanvasElement} canvas where to draw.
   * @param {{point: function(?{column: number, row: number}, boolean),
   *     line: function(?Object), tool: function(boolean)}} told is called
   *     when the marker moves (true: by keyboard), a line is drawn or cleared,
   *     and the line tool is put away.
   */
  constructor(canvas, told) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#told = told;
    this.#view = new Viewport(canvas);
    new ResizeObserver(() => this.fit()).observe(canvas);
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const end of ['pointerup', 'pointercancel']) {
      canvas.addEventListener(end, (event) => this.#up(event));
    }
    canvas.addEventListener('pointerleave', () => this.#leave());
    canvas.addEventListener('wheel', (event) => this.#wheel(event));
    canvas.addEventListener('keydown', (event) => this.#key(event));
  }

  /** Shows another image: its size, and one canvas for each layer. */
  open(size, layers) {
    this.#view.size = size;
    this.#layers = layers;
    this.#marker = this.#line = this.#bead = null;
    this.fit();
  }

  set layers(layers) {
    this.#layers = layers;
    this.draw();
  }

  set layer(name) {
    this.#layer = name;
    this.draw();
  }

  set lineTool(on) {
    this.#lineTool = on;
  }

  /** A point of the profile to mark, or null. */
  set bead(point) {
    this.#bead = point;
    this.draw();
  }

  /** Shows all of the image. */
  fit() {
    if (this.#view.fit()) this.draw();
  }

  /** Zooms about a place of the canvas, by default its middle. */
  zoomBy(factor, x = this.#canvas.clientWidth / 2,
    y = this.#canvas.clientHeight / 2) {
    this.#view.zoomBy(factor, x, y);
    this.draw();
  }

  clearLine() {
    this.#line = this.#bead = null;
    this.#drawing = false;
    this.#told.line(null);
    this.draw();
  }

  /** Draws at the browser's next frame. */
  draw() {
    if (this.#waiting || !this.#view.size) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#paint();
    });
  }

  #paint() {
    const canvas = this.#canvas;
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    const context = this.#context;
    const {scale, left, top, size} = this.#view;
    context.scale(ratio, ratio);
    context.imageSmoothingEnabled = scale < 2;
    context.imageSmoothingQuality = 'high';
    const picture = this.#layers[this.#layer] ?? this.#layers.image;
    if (picture) {
      context.drawImage(picture, left, top, scale * size.width,
        scale * size.height);
    }
    this.#paintMarks();
  }

  #paintMarks() {
    const place = (pixel) => this.#view.placeOf(pixel);
    if (this.#line) {
      drawLine(this.#context, place(this.#line.from), place(this.#line.to));
    }
    if (this.#marker) drawMarker(this.#context, place(this.#marker));
    if (this.#bead) drawDot(this.#context, place(this.#bead), 5);
  }

  #pixelAt(event) {
    return this.#view.pixelAt(event.offsetX, event.offsetY);
  }

  #down(event) {
    if (!this.#view.size) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event);
    this.#marker = null;
    if (this.#lineTool && this.#pointers.size === 1) {
      const point = this.#view.within(this.#pixelAt(event));
      this.#line = {from: point, to: point};
      this.#drawing = true;
    }
    this.#point(event);
  }

  #move(event) {
    if (!this.#view.size) return;
    const last = this.#pointers.get(event.pointerId);
    if (last && this.#pointers.size === 2) this.#pinch(last, event);
    else if (this.#drawing && last) {
      this.#line = {...this.#line, to: this.#view.within(this.#pixelAt(event))};
    } else if (last) {
      this.#view.move(event.offsetX - last.offsetX,
        event.offsetY - last.offsetY);
    }
    if (last) {
      this.#pointers.set(event.pointerId, event);
      this.draw();
    }
    this.#marker = null;
    this.#point(event);
  }

  #up(event) {
    this.#pointers.delete(event.pointerId);
    if (!this.#drawing || this.#pointers.size) return;
    this.#drawing = false;
    const {from, to} = this.#line;
    if (from.column === to.column && from.row === to.row) this.clearLine();
    else this.#finish();
  }

  #finish() {
    this.#told.line(this.#line);
    this.#told.tool(false);
    this.draw();
  }

  #pinch(last, event) {
    const [other] = [...this.#pointers.values()]
      .filter(({pointerId}) => pointerId !== event.pointerId);
    const apart = (one) =>
      Math.hypot(one.offsetX - other.offsetX, one.offsetY - other.offsetY);
    this.#drawing = false;
    this.zoomBy(apart(event) / Math.max(1, apart(last)),
      (event.offsetX + other.offsetX) / 2, (event.offsetY + other.offsetY) / 2);
  }

  #point(event) {
    const pixel = this.#pixelAt(event);
    this.#told.point(pixel.inside ? pixel : null, false);
  }

  #leave() {
    if (!this.#marker) this.#told.point(null, false);
  }

  #wheel(event) {
    if (!this.#view.size) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * WHEEL), event.offsetX, event.offsetY);
  }

  #key(event) {
    if (!this.#view.size || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? LONG_STEP_PX : STEP_PX;
    const actions = {
      ArrowLeft: () => this.#step(-step, 0),
      ArrowRight: () => this.#step(step, 0),
      ArrowUp: () => this.#step(0, -step),
      ArrowDown: () => this.#step(0, step),
      Enter: () => this.#pin(),
      '+': () => this.zoomBy(1.4),
      '=': () => this.zoomBy(1.4),
      '-': () => this.zoomBy(1 / 1.4),
      Escape: () => this.clearLine(),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  #step(columns, rows) {
    const {width, height} = this.#view.size;
    this.#marker = this.#marker ? this.#view.within({
      column: this.#marker.column + columns, row: this.#marker.row + rows,
    }) : {column: Math.floor(width / 2), row: Math.floor(height / 2)};
    if (this.#drawing) this.#line = {...this.#line, to: this.#marker};
    this.#told.point(this.#marker, true);
    this.#view.show(this.#marker);
    this.draw();
  }

  /** Starts a line at the marker, or ends it there. */
  #pin() {
    if (!this.#marker) this.#step(0, 0);
    const {from} = this.#line ?? {};
    const moved = from && (from.column !== this.#marker.column ||
      from.row !== this.#marker.row);
    if (this.#drawing && moved) {
      this.#drawing = false;
      this.#finish();
    } else {
      this.#line = {from: this.#marker, to: this.#marker};
      this.#drawing = true;
      this.draw();
    }
  }
}
