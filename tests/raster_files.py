"""Raster files for tests."""

import contextlib

import affine
import numpy as np
import rasterio

# Half metres in UTM zone 10.
PLACE = affine.Affine(0.5, 0, 500000, 0, -0.5, 4200000)
TILED = {
  'tiled': True,
  'blockxsize': 64,
  'blockysize': 64,
  'compress': 'deflate',
}


@contextlib.contextmanager
def written(path, pixels, **profile):
  """A raster file that holds pixels, still open for what else it is to say.

  Args:
    path: of the file.
    pixels: [C, H, W], or [H, W] for one band.
    **profile: for rasterio, where it is not a GeoTIFF at `PLACE`.

  Yields:
    rasterio's dataset.
  """
  bands = pixels if pixels.ndim == 3 else pixels[np.newaxis]
  profile = {
    'driver': 'GTiff',
    'count': bands.shape[0],
    'height': bands.shape[1],
    'width': bands.shape[2],
    'dtype': bands.dtype,
    'crs': 'EPSG:32610',
    'transform': PLACE,
    **profile,
  }
  with rasterio.open(path, 'w', **profile) as dataset:
    dataset.write(bands)
    yield dataset


def write(path, pixels, **profile):
  """Writes such a file, and gives its path."""
  with written(path, pixels, **profile):
    return path
