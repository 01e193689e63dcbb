"""Overviews: smaller and smaller copies of a raster, each half the last."""

import math
import pathlib

import numpy as np
import rasterio
import rasterio.windows

from heightnet_tf.geo import opening

# Rows of a block, of what is written row by row and read block by block.
BLOCK_ROWS = 32
_BLOCK_COLUMNS = 1024
# Strips are quicker than blocks; wider ones leave GDAL's cache before their
# next part is read, and would be read once for each.
_WIDEST_STRIP_PX = 12_000
# Rows of the larger raster that are in memory at once; even.
_STRIP_PX = 128


def halve(values: np.ndarray) -> np.ndarray:
  """Averages each two by two pixels.

  Args:
    values: float32 [K, H, W], NaN where unknown.

  Returns:
    float32 [K, ceil(H / 2), ceil(W / 2)], the mean of the known ones; NaN where
    none is.
  """
  height, width = values.shape[1:]
  if height % 2 or width % 2:
    pads = (0, 0), (0, height % 2), (0, width % 2)
    values = np.pad(values, pads, constant_values=np.nan)
  known = np.isfinite(values)
  if known.all():
    # The same numbers, in a third of the time.
    return _sums(values) / np.float32(4)
  count = _sums(known.view(np.uint8))
  total = _sums(np.where(known, values, np.float32(0)))
  with np.errstate(invalid='ignore'):
    return total / count


def layout(width: int) -> dict:
  """How a file lies on disk that waits to be packed, as rasterio wants it."""
  if width <= _WIDEST_STRIP_PX:
    return {'tiled': False, 'blockysize': BLOCK_ROWS}
  return {
    'tiled': True,
    'blockxsize': _BLOCK_COLUMNS,
    'blockysize': BLOCK_ROWS,
  }


def write_halves(source, *, largest_px, steps) -> list[pathlib.Path]:
  """Writes overviews beside a raster, until one is small enough.

  Args:
    source: a raster file of float32 bands, NaN where unknown.
    largest_px: longest side of the smallest overview, at most.
    steps: values are rounded to so many steps in a unit.

  Returns:
    The files, the largest first; none if the raster is small.
  """
  made, larger = [], pathlib.Path(source)
  with opening.open_quietly(source) as dataset:
    longest_px = max(dataset.shape)
  while longest_px > largest_px:
    longest_px = math.ceil(longest_px / 2)
    smaller = pathlib.Path(source).with_name(f'half_{len(made) + 1}.tif')
    _write_half(smaller, larger, steps)
    made.append(smaller)
    larger = smaller
  return made


def rounded(values: np.ndarray, steps: int) -> np.ndarray:
  """Values rounded to so many steps in a unit; float32."""
  values = values * np.float32(steps)
  np.rint(values, out=values)
  values /= np.float32(steps)
  return values


def _write_half(path, source, steps):
  with opening.open_quietly(source) as large:
    profile = {
      'driver': 'GTiff',
      'dtype': 'float32',
      'count': large.count,
      'height': math.ceil(large.height / 2),
      'width': math.ceil(large.width / 2),
      'bigtiff': 'if_safer',
      **layout(math.ceil(large.width / 2)),
    }
    with opening.open_quietly(path, 'w', **profile) as small:
      for first in range(0, large.height, _STRIP_PX):
        stop = min(first + _STRIP_PX, large.height)
        part = large.read(window=_rows(first, stop, large.width))
        part = rounded(halve(part), steps)
        place = _rows(first // 2, first // 2 + part.shape[1], small.width)
        small.write(part, window=place)


def _rows(first, stop, width):
  return rasterio.windows.Window(0, first, width, stop - first)


def _sums(values):
  """Sums of each two by two values, [K, H, W] of even height and width."""
  pairs = values[:, ::2] + values[:, 1::2]
  return pairs[..., ::2] + pairs[..., 1::2]
