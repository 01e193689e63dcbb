"""Heights within polygons, block by block of the raster."""

import dataclasses
import itertools
import math

import affine
import numpy as np
import rasterio.features
import shapely

from heightnet_tf import model_card
from heightnet_tf.buildings import height_file

# Polygons are measured together by the block of the raster they begin in.
_BLOCK_PX = 1024
# Of larger windows only every second, third, ... row and column is read.
_MOST_PX = 2**25


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Zones:
  """Figures of N polygons.

  Attributes:
    height_m: float64 [N], median; NaN where nothing is known.
    height_p90_m: float64 [N], 90th percentile.
    spread_m: float64 [N], median; None where the raster has no spread.
    pixels: int64 [N], pixels of the raster with their middle inside, at least
      the one a smaller polygon lies on; 0 outside.
    share_unknown: float64 [N], of the polygon; what is outside is unknown.
  """

  height_m: np.ndarray
  height_p90_m: np.ndarray
  spread_m: np.ndarray | None
  pixels: np.ndarray
  share_unknown: np.ndarray


def measure(heights: height_file.HeightFile, polygons: np.ndarray) -> Zones:
  """Measures the heights within polygons.

  Memory depends neither on the raster nor on the number of polygons. Of a
  polygon whose window holds more than 33 million pixels, evenly spaced ones
  are taken.

  Args:
    heights: the raster.
    polygons: object [N] of valid shapely polygons, in pixels of the raster:
      (column, row), the first pixel from 0 to 1; None measures nothing.

  Returns:
    Zones; polygons may overlap.
  """
  bands = heights.bands
  count = len(polygons)
  totals = _Totals(
    pixels=np.zeros(count, np.int64),
    known=np.zeros(count, np.int64),
    medians_m={band: np.full(count, np.nan) for band in bands},
    p90_m=np.full(count, np.nan),
  )
  windows = _windows(polygons, heights.shape)
  for members in _groups(windows):
    _measure_group(heights, polygons, windows, members, totals)
  known = totals.known / np.maximum(totals.pixels, 1)
  inside = _share_inside(polygons, heights.shape)
  return Zones(
    height_m=totals.medians_m[model_card.HEIGHT],
    height_p90_m=totals.p90_m,
    spread_m=totals.medians_m.get(model_card.SPREAD),
    pixels=totals.pixels,
    share_unknown=1 - known * inside,
  )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Totals:
  """What is filled in group by group, [N] each."""

  pixels: np.ndarray
  known: np.ndarray
  medians_m: dict[str, np.ndarray]
  p90_m: np.ndarray


def _windows(polygons, shape):
  """Windows of polygons in the raster, int64 [N, 4]: row, column, and after."""
  left, top, right, bottom = shapely.bounds(polygons).T
  edges = np.stack(
    [np.floor(top), np.floor(left), np.ceil(bottom), np.ceil(right)]
  )
  edges = np.nan_to_num(edges, nan=0.0)
  return np.clip(edges.T, 0, [*shape, *shape]).astype(np.int64)


def _groups(windows):
  """Yields indices of polygons whose windows lie close together."""
  sides = windows[:, 2:] - windows[:, :2]
  met = (sides > 0).all(axis=1)
  large = met & (sides > _BLOCK_PX).any(axis=1)
  yield from np.flatnonzero(large)[:, None]
  small = np.flatnonzero(met & ~large)
  blocks = windows[small, :2] // _BLOCK_PX
  small = small[np.lexsort((blocks[:, 1], blocks[:, 0]))]
  for _, members in itertools.groupby(
    small, key=lambda index: tuple(windows[index, :2] // _BLOCK_PX)
  ):
    yield np.array(list(members))


def _measure_group(heights, polygons, windows, members, totals):
  start = windows[members, :2].min(axis=0)
  stop = windows[members, 2:].max(axis=0)
  step_px = math.ceil(math.sqrt(np.prod(stop - start) / _MOST_PX))
  values = heights.read(
    tuple(zip(start.tolist(), stop.tolist(), strict=True)), step_px=step_px
  )
  # From the pixels of the raster to those that were read.
  shapes = shapely.transform(
    polygons[members], lambda places: (places - start[::-1]) / step_px
  )
  for layer in _layers(shapes):
    labels = _labels(shapes[layer], values[model_card.HEIGHT].shape)
    _add(labels, values, members[layer], step_px, totals)


def _layers(shapes):
  """Splits shapes into sets within which no two can share a pixel."""
  left, top, right, bottom = shapely.bounds(shapes).T
  # Boxes of neighbouring pixels would touch: a quarter of a pixel is cut off.
  boxes = shapely.box(
    np.floor(left) + 0.25,
    np.floor(top) + 0.25,
    np.ceil(right) - 0.25,
    np.ceil(bottom) - 0.25,
  )
  one, other = shapely.STRtree(boxes).query(boxes)
  layer_of = np.full(len(shapes), -1)
  ends = np.searchsorted(one, np.arange(len(shapes) + 1))
  for index, (start, end) in enumerate(itertools.pairwise(ends)):
    taken = set(layer_of[other[start:end]])
    layer_of[index] = next(k for k in itertools.count() if k not in taken)
  return [np.flatnonzero(layer_of == k) for k in range(layer_of.max() + 1)]


def _labels(shapes, shape):
  """Numbers pixels by the shape they lie in, from 1; int32 [H, W]."""
  labels = rasterio.features.rasterize(
    ((one, number) for number, one in enumerate(shapes, start=1)),
    out_shape=shape,
    transform=affine.Affine.identity(),
    dtype='int32',
  )
  # A shape between the middles of pixels still lies on one.
  missed = np.bincount(labels.ravel(), minlength=len(shapes) + 1)[1:] == 0
  for index in np.flatnonzero(missed):
    place = shapely.get_coordinates(shapely.point_on_surface(shapes[index]))
    column, row = np.floor(place[0]).astype(int)
    if 0 <= row < shape[0] and 0 <= column < shape[1]:
      labels[row, column] = index + 1
  return labels


def _add(labels, values, members, step_px, totals):
  inside = labels > 0
  owner = labels[inside] - 1
  totals.pixels[members] = (
    np.bincount(owner, minlength=len(members)) * step_px**2
  )
  for band, medians_m in totals.medians_m.items():
    own = values[band][inside]
    known = np.isfinite(own)
    counts = np.bincount(owner[known], minlength=len(members))
    own = own[known][np.lexsort((own[known], owner[known]))]
    medians_m[members] = _quantile(own, counts, 0.5)
    if band == model_card.HEIGHT:
      totals.p90_m[members] = _quantile(own, counts, 0.9)
      totals.known[members] = counts * step_px**2


def _quantile(values, counts, share):
  """Interpolated quantiles of runs of sorted values; NaN of empty runs."""
  starts = np.cumsum(counts) - counts
  place = share * (counts - 1)
  result = np.full(len(counts), np.nan)
  some = counts > 0
  low = starts[some] + np.floor(place[some]).astype(int)
  high = starts[some] + np.ceil(place[some]).astype(int)
  weight = place[some] % 1
  result[some] = (1 - weight) * values[low] + weight * values[high]
  return result


def _share_inside(polygons, shape):
  """How much of each polygon lies in the raster, float64 [N], 0 for none."""
  scene = shapely.box(0, 0, shape[1], shape[0])
  result = np.zeros(len(polygons))
  met = shapely.intersects(polygons, scene)
  result[met] = 1.0
  across = np.flatnonzero(met & ~shapely.covers(scene, polygons))
  area = shapely.area(polygons[across])
  within = shapely.area(shapely.intersection(polygons[across], scene))
  result[across] = within / area
  return result
