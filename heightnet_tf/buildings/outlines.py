"""Outlines of what stands above a height, where nobody drew footprints."""

import contextlib
import itertools
import pathlib
import tempfile
import warnings

import numpy as np
import pyarrow
import rasterio
import rasterio.errors
import rasterio.features
import rasterio.windows
import shapely

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.buildings import footprints
from heightnet_tf.buildings import height_file
from heightnet_tf.buildings import polygons
from heightnet_tf.buildings import zones
from heightnet_tf.geo import ground

# An outline follows the edges of pixels; up to this far from them it is drawn
# straight, which turns steps into slopes.
_SIMPLER_PX = 1.0
_ROWS_PX = 512
_BATCH = 10_000


def find(
  heights: height_file.HeightFile, *, threshold_m: float, least_area_m2: float
) -> polygons.Layer:
  """Outlines every connected set of pixels above a height.

  A tree is outlined as well as a house, and houses that touch are one. Pixels
  that meet at a corner only are not connected. Holes no larger than what is
  dropped are filled. The raster is read in strips; the memory needed grows
  with the number of outlines alone, and what is found depends on no strip.

  Args:
    heights: the raster.
    threshold_m: above this, metres.
    least_area_m2: smaller ones are dropped.

  Returns:
    Layer in the CRS of the raster with `area_m2` and the columns that
    footprints get, all measured before the outline is simplified.

  Raises:
    errors.InputError: a raster without a CRS that lies on the earth.
  """
  shapes, areas_m2 = _outlines(heights, threshold_m, least_area_m2)
  found = footprints.columns(zones.measure(heights, shapes))
  simpler = shapely.simplify(shapes, _SIMPLER_PX)
  layer = polygons.Layer(
    geometries=shapely.transform(
      simpler,
      lambda places: np.stack(heights.transform @ tuple(places.T), axis=1),
    ),
    attributes=pyarrow.table({'area_m2': np.round(areas_m2, 1)}),
    crs=heights.crs,
    path=heights.path,
  )
  return layer.with_columns(found)


def _outlines(heights, threshold_m, least_area_m2):
  """Large enough outlines in pixels, object [N], and their ground areas."""
  shapes, areas_m2 = [np.empty(0, object)], [np.empty(0)]
  with _mask(heights, threshold_m) as mask:
    band = rasterio.band(mask, 1)
    found = rasterio.features.shapes(band, band, connectivity=4)
    while batch := list(itertools.islice(found, _BATCH)):
      rings = [outline['coordinates'] for outline, _ in batch]
      pixel_m2 = _pixel_areas_m2(heights, [one[0][0] for one in rings])
      some = np.array(
        [
          _filled(*one, least_area_px=least_area_m2 / area_m2)
          for one, area_m2 in zip(rings, pixel_m2, strict=True)
        ],
        object,
      )
      some_m2 = shapely.area(some) * pixel_m2
      large = some_m2 >= least_area_m2
      shapes.append(some[large])
      areas_m2.append(some_m2[large])
  return np.concatenate(shapes), np.concatenate(areas_m2)


def _filled(outer, *holes, least_area_px):
  """Makes a polygon without the holes that are no larger than specks."""
  kept = [hole for hole in holes if _area_px(hole) >= least_area_px]
  return shapely.Polygon(outer, kept)


def _area_px(ring):
  """The area within a ring whose edges follow those of pixels."""
  return abs(
    sum(x * (to_y - y) for (x, y), (_, to_y) in itertools.pairwise(ring))
  )


def _pixel_areas_m2(heights, places):
  """Ground areas of the pixels at places, (column, row)."""
  try:
    if heights.crs is None:
      raise rasterio.errors.CRSError('None')
    return ground.areas_m2(heights.crs, heights.transform, *np.array(places).T)
  except rasterio.errors.CRSError as error:
    raise errors.InputError(
      f'{heights.path} does not say where on the earth it lies, so the areas '
      'of objects are unknown. Expected a coordinate reference system.'
    ) from error


@contextlib.contextmanager
def _mask(heights, threshold_m):
  """Yields an open raster, 1 where the heights are above the threshold."""
  height, width = heights.shape
  with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
    warnings.simplefilter('ignore', rasterio.errors.NotGeoreferencedWarning)
    path = pathlib.Path(folder) / 'mask.tif'
    with rasterio.open(
      path,
      'w',
      driver='GTiff',
      height=height,
      width=width,
      count=1,
      dtype='uint8',
      compress='deflate',
      bigtiff='IF_SAFER',
    ) as mask:
      for row in range(0, height, _ROWS_PX):
        rows = (row, min(row + _ROWS_PX, height))
        height_m = heights.read((rows, (0, width)))[model_card.HEIGHT]
        window = rasterio.windows.Window.from_slices(rows, (0, width))
        mask.write((height_m > threshold_m).astype(np.uint8), 1, window=window)
    with rasterio.open(path) as mask:
      yield mask
