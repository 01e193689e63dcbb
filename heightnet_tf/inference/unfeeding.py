"""From the pixels that a network sees back to the rows of the scene."""

from collections.abc import Iterable
from collections.abc import Iterator
import math

import numpy as np

from heightnet_tf.geo import resampling
from heightnet_tf.inference import feeding
from heightnet_tf.inference import grid

# Columns of the scene that are resampled together.
_PIECE_PX = 512
# A linear kernel reaches one pixel to either side; and one for rounding.
_REACH_PX = 2


def chunks(
  blended: Iterable[tuple[int, np.ndarray, list[feeding.Known]]],
  rows: grid.Axis,
  columns: grid.Axis,
  span: tuple[int, int],
  chunk_px: int,
) -> Iterator[tuple[int, np.ndarray]]:
  """Resamples finished network rows to the rows of the scene.

  Args:
    blended: first network row, float32 [n, all columns, K], and what was read.
    rows: how the network's rows lie.
    columns: and its columns.
    span: first row of the scene wanted and the row after the last one.
    chunk_px: rows of the scene made at once.

  Yields:
    First row of the scene, float32 [chunk_px or what is left, W, K], NaN
    where the scene is unknown.
  """
  held, top, read = [], None, []
  wanted = iter(range(span[0], span[1], chunk_px))
  first = next(wanted, None)
  for start, made, fresh in blended:
    if first is None:
      return
    read += fresh
    held.append(made)
    # As wide as the scene, as chunks are: gone before the next one is made.
    del made
    top = start if top is None else top
    end = top + sum(map(len, held))
    while first is not None:
      stop = min(first + chunk_px, span[1])
      low, high = source_span(rows, (first, stop))
      if high > end:
        break
      source = _rows(held, low - top, high - top)
      chunk = _resampled(source, low, rows, columns, (first, stop))
      _forget(chunk, read, first)
      yield first, chunk
      del source, chunk
      first = next(wanted, None)
      read = [known for known in read if known.stop > (first or 0)]
    if first is not None:
      done = source_span(rows, (first, first + 1))[0] - top
      done = min(max(done, 0), end - top)
      held, top = [_rows(held, done, end - top)], top + done


def _rows(parts, first, stop):
  """Copies rows [first, stop) of parts that lie one below the other."""
  found, at = [], 0
  for part in parts:
    found.append(part[max(0, first - at) : max(0, stop - at)])
    at += len(part)
  return np.concatenate([one for one in found if len(one)] or found[:1])


def source_span(axis: grid.Axis, span: tuple[int, int]) -> tuple[int, int]:
  """Network pixels that some pixels of the scene are made of.

  Args:
    axis: how they lie.
    span: first pixel of the scene and the one after the last.

  Returns:
    First network pixel and the one after the last.
  """
  if axis.factor == 1:
    return tuple(round(axis.from_image(pixel)) for pixel in span)
  reach = math.ceil(_REACH_PX * max(1, axis.factor))
  low, high = (axis.from_image(pixel) for pixel in span)
  return (
    max(axis.first, math.floor(low) - reach),
    min(axis.stop, math.ceil(high) + reach),
  )


def _resampled(held, top, rows, columns, span):
  """Rows [span) of the scene from network rows that begin at `top`."""
  if rows.factor == columns.factor == 1:
    return held[: span[1] - span[0]]
  shape = span[1] - span[0], columns.size_px, held.shape[2]
  made = np.empty(shape, np.float32)
  for left in range(0, columns.size_px, _PIECE_PX):
    across = left, min(left + _PIECE_PX, columns.size_px)
    low, high = source_span(columns, across)
    bottom = source_span(rows, span)[1]
    part = held[: bottom - top, low - columns.first : high - columns.first]
    box = (
      *_edge(columns.from_image(across[0]) - low, high - low),
      *_edge(rows.from_image(span[0]) - top, bottom - top),
      *_edge(columns.from_image(across[1]) - low, high - low),
      *_edge(rows.from_image(span[1]) - top, bottom - top),
    )
    shape = span[1] - span[0], across[1] - across[0]
    made[:, slice(*across)] = resampling.resize_part(part, box=box, shape=shape)
  return made


def _edge(place, size):
  """An edge of a box, which rounding must not move out of the array."""
  return (min(max(place, 0.0), size),)


def _forget(chunk, read, first):
  """Makes unknown what the scene does not know."""
  for known in read:
    start, stop = max(known.first, first), min(known.stop, first + len(chunk))
    if start < stop and known.bits is not None:
      inside = known.unpacked(chunk.shape[1])[
        start - known.first : stop - known.first
      ]
      chunk[start - first : stop - first][~inside] = np.nan
