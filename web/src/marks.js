// What is drawn upon a map: to be seen on dark and on light.

const DARK = 'rgb(0 0 0 / 0.65)';

/** A line with a dot at each end. */
export function drawLine(context, from, to) {
  for (const [width, colour] of [[5, DARK], [2, 'white']]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y);
    context.stroke();
  }
  drawDot(context, from, 4);
  drawDot(context, to, 4);
}

export function drawDot(context, {x, y}, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.fillStyle = 'white';
  context.strokeStyle = 'rgb(0 0 0 / 0.8)';
  context.lineWidth = 1.5;
  context.fill();
  context.stroke();
}

/** Cross-hairs that leave their middle free. */
export function drawMarker(context, {x, y}) {
  for (const [width, colour] of [[4, DARK], [1.6, 'white']]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      context.moveTo(x + 4 * dx, y + 4 * dy);
      context.lineTo(x + 12 * dx, y + 12 * dy);
    }
    context.stroke();
  }
}
