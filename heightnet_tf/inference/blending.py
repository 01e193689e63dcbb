"""Overlapping windows put together so that no seam shows."""

from collections.abc import Iterable
from collections.abc import Iterator
import itertools

import numpy as np

from heightnet_tf.inference import feeding
from heightnet_tf.inference import grid
from heightnet_tf.inference import predictor as predictors


def blend(
  predictor: predictors.Predictor,
  strips: Iterable[feeding.Strip],
  rows: grid.Axis,
  columns: grid.Axis,
  batch_size: int,
) -> Iterator[tuple[int, np.ndarray, list[feeding.Known]]]:
  """Predicts a scene, one row of windows after the other.

  The windows of a row go through the network in the same batches wherever the
  first strip lies, so that the result is the same bit by bit.

  Args:
    predictor: the model; K is the number of its outputs.
    strips: what the windows of each row see, one after the other.
    rows: how the windows lie from top to bottom.
    columns: and from left to right.
    batch_size: most windows given to the network at once.

  Yields:
    For each strip the first network row that became complete by it; float32
    [n, all columns, K]; and what was read for it. Rows that windows before
    the first strip reach are left out.
  """
  waiting, complete = None, None
  for strip in strips:
    start, _ = rows.inside(strip.cell)
    made = _predict_row(predictor, strip, rows, columns, batch_size)
    made *= rows.shares(strip.cell)[:, None, None]
    if waiting is None:
      complete = rows.complete_from(strip.cell)
    else:
      # This window begins where those before it ceased to be alone.
      made[: len(waiting)] += waiting
    end = rows.complete_to(strip.cell)
    yield complete, made[max(0, complete - start) : end - start], strip.read
    complete = max(complete, end)
    waiting = made[end - start :].copy()
    # As wide as the scene: gone before the next one is made.
    del made


def _predict_row(predictor, strip, rows, columns, batch_size):
  """Predicts a row of windows, float32 [h, all columns, K]."""
  count = len(predictor.card.outputs)
  width = columns.stop - columns.first
  made = np.zeros((len(strip.pixels), width, count), np.float32)
  # A window that sees nothing known counts for unknown pixels alone.
  seen = [cell for cell in columns.cells if _sees_known(strip, columns, cell)]
  for cells in _batches(seen, columns, batch_size):
    predicted = predictor(
      np.stack([_window(strip, rows, columns, cell) for cell in cells])
    )
    for cell, window in zip(cells, predicted, strict=True):
      inner = _inner(rows, strip.cell), _inner(columns, cell)
      share = columns.shares(cell)[:, None]
      made[:, _place(columns, cell)] += window[inner] * share
  return made


def _batches(cells, columns, batch_size):
  """Yields batches of windows of one width."""

  def width(cell):
    start, stop = columns.span(cell)
    return stop - start

  for _, group in itertools.groupby(cells, width):
    alike = list(group)
    for first in range(0, len(alike), batch_size):
      yield alike[first : first + batch_size]


def _place(columns, cell):
  """Where a window's inner part lies among all columns."""
  first, stop = columns.inside(cell)
  return slice(first - columns.first, stop - columns.first)


def _inner(axis, cell):
  """Where the scene lies in a window."""
  start, _ = axis.span(cell)
  first, stop = axis.inside(cell)
  return slice(first - start, stop - start)


def _sees_known(strip, columns, cell):
  return strip.known is None or strip.known[:, _place(columns, cell)].any()


def _window(strip, rows, columns, cell):
  """What one window sees, filled up by reflection; uint8 [h, w, C]."""
  pads = [_padding(rows, strip.cell), _padding(columns, cell)]
  pixels = strip.pixels[:, _place(columns, cell)]
  return np.pad(pixels, (*pads, (0, 0)), mode='symmetric')


def _padding(axis, cell):
  start, end = axis.span(cell)
  first, stop = axis.inside(cell)
  return first - start, end - stop
