import json
import pathlib

import affine
import numpy as np
import pyarrow
import pytest
import rasterio.crs
import shapely

from heightnet_tf.buildings import height_file
from heightnet_tf.buildings import polygons
from tests import raster_files

UTM = rasterio.crs.CRS.from_epsg(32616)
# Half metres; the first pixel's corner is at 700000 east, 4200000 north.
PLACE = affine.Affine(0.5, 0, 700000, 0, -0.5, 4200000)


@pytest.fixture
def write_heights(tmp_path):
  """Writes [H, W] by band name as a GeoTIFF; gives its path."""

  def write(
    height_m, *, spread_m=None, crs=UTM, transform=PLACE, nodata=np.nan
  ):
    bands = {'height_m': height_m}
    if spread_m is not None:
      bands = {'spread_m': spread_m} | bands
    path = tmp_path / 'height.tif'
    pixels = np.array(list(bands.values()), np.float32)
    with raster_files.written(
      path, pixels, crs=crs, transform=transform, nodata=nodata
    ) as dataset:
      dataset.descriptions = tuple(bands)
    return path

  return write


@pytest.fixture
def open_heights(write_heights):
  """Writes heights and opens them; closed when the test is over."""
  opened = []

  def open_(height_m, **how):
    context = height_file.opened(write_heights(height_m, **how))
    opened.append(context)
    return context.__enter__()

  yield open_
  for context in opened:
    context.__exit__(None, None, None)


@pytest.fixture
def make_layer():
  """Makes a layer of geometries given in pixels of PLACE."""

  def make(geometries, *, crs=UTM, columns=None, transform=PLACE):
    placed = shapely.transform(
      np.array(geometries, object),
      lambda places: np.stack(transform @ tuple(places.T), axis=1),
    )
    columns = columns or {'name': [f'b{k}' for k in range(len(placed))]}
    return polygons.Layer(
      geometries=placed,
      attributes=pyarrow.table(columns),
      crs=crs,
      path='made.gpkg',
    )

  return make


@pytest.fixture
def write_geojson(tmp_path):
  """Writes (geometry, properties) pairs as GeoJSON; gives its path."""

  def write(features, *, crs=None, name='polygons.geojson') -> pathlib.Path:
    content = {
      'type': 'FeatureCollection',
      'features': [
        {
          'type': 'Feature',
          'properties': properties,
          'geometry': geometry and shapely.geometry.mapping(geometry),
        }
        for geometry, properties in features
      ],
    }
    if crs:
      content['crs'] = {'type': 'name', 'properties': {'name': crs}}
    path = tmp_path / name
    path.write_text(json.dumps(content))
    return path

  return write
