"""Georeferenced results, each written whole or not at all."""

import contextlib
import pathlib
import shutil
import warnings
import xml.etree.ElementTree as ET

import numpy as np
import PIL.Image
import rasterio
import rasterio.errors
import rasterio.io
import rasterio.shutil
import rasterio.windows

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf.geo import halving
from heightnet_tf.geo import opening

MASK_UNKNOWN = 255

_TIFF_SUFFIXES = ('.tif', '.tiff')
_PICTURE_SUFFIXES = ('.png', '.jpg', '.jpeg')
_JPEG_QUALITY = 92
_BLOCK_PX = 256
_TILED = {
  'tiled': True,
  'blockxsize': _BLOCK_PX,
  'blockysize': _BLOCK_PX,
  'compress': 'deflate',
}
# Longest side of the smallest overview.
_SMALLEST_PX = 512
# Files up to this size are made in memory first.
_IN_MEMORY_BYTES = 2**27
# All overviews together, in sizes of what they are made of.
_HALVES = 1 / 3
# How much worse than the samples of a file all of it may pack.
_SPARE = 1.3
_SAMPLES = 5


def write_height(path, height_m, like) -> None:
  """Writes heights as a GeoTIFF: float32 metres, NaN for unknown.

  Args:
    path: a .tif file.
    height_m: float32 [H, W], metres; NaN where unknown.
    like: Raster of the same [H, W] that gives CRS and transform, or None.

  Raises:
    errors.OutputError: another suffix, or a place that cannot be written.
  """
  if pathlib.Path(path).suffix.lower() not in _TIFF_SUFFIXES:
    raise errors.OutputError(f'Cannot write heights to {path}. Expected .tif.')
  height_m = np.asarray(height_m, np.float32)
  _check_shape(height_m, like)
  profile = {'dtype': 'float32', 'nodata': np.nan, 'predictor': 3}
  with files.replacing(path) as scratch:
    _write_tiff(scratch, height_m[..., np.newaxis], like, profile, ['height_m'])


def write_rows(path, values, *, steps, tags) -> None:
  """Writes finished rows of a larger file, unpacked and without a place.

  Args:
    path: a .tif file.
    values: float32 [H, W, K].
    steps: values are rounded to so many steps in a unit.
    tags: what the file says of itself.

  Raises:
    errors.OutputError: the place cannot be written.
  """
  profile = {
    'dtype': 'float32',
    'nodata': np.nan,
    # Packing would halve the size, and take as long as predicting.
    'compress': 'none',
    'interleave': 'band',
    **halving.layout(values.shape[1]),
  }
  with (
    files.replacing(path) as scratch,
    _tiff(scratch, values.shape, None, profile) as dataset,
  ):
    # In pieces: what is copied on the way is as wide as the scene.
    rows = halving.BLOCK_ROWS
    for first in range(0, len(values), rows):
      piece = values[first : first + rows]
      window = rasterio.windows.Window(0, first, piece.shape[1], len(piece))
      piece = halving.rounded(np.moveaxis(piece, -1, 0), steps)
      dataset.write(piece, window=window)
    dataset.update_tags(**tags)


def write_cloud_optimized(path, source, *, parts, steps) -> None:
  """Writes a Cloud Optimized GeoTIFF: tiled, packed, with overviews.

  Args:
    path: a .tif file; if writing fails, nothing stands there.
    source: a virtual raster (VRT) of float32 bands, with tags and place as
      wanted; overviews are put beside it and into it.
    parts: the files that it is made of, as of `write_rows`.
    steps: overviews are rounded to so many steps in a unit.

  Raises:
    errors.OutputError: the place cannot be written, or is too small.
  """
  try:
    unpacked = sum(part.stat().st_size for part in parts)
    if unpacked <= _IN_MEMORY_BYTES:
      _add_overviews(source, steps)
      with rasterio.io.MemoryFile(ext='.tif') as memory:
        _copy_optimized(source, memory.name)
        # GDAL says nothing when a disk is full, or dies; Python raises.
        path.write_bytes(memory.getbuffer())
      return
    _check_space(path, parts, unpacked)
    _add_overviews(source, steps)
    _copy_optimized(source, path)
    with opening.open_quietly(path) as dataset:
      for band in dataset.indexes:
        dataset.checksum(band)
  except (
    OSError,
    rasterio.errors.RasterioError,
    rasterio._err.CPLE_BaseError,
  ) as error:
    path.unlink(missing_ok=True)
    raise files.output_error(path, error) from error


def _check_space(path, parts, unpacked) -> None:
  """Refuses what the disk cannot hold: GDAL would say nothing, or die."""

  def needed(share):
    # The overviews lie beside the file, unpacked, before they go into it.
    return (_HALVES + share * (1 + _HALVES)) * unpacked

  free = shutil.disk_usage(path.parent).free
  if free >= needed(1):
    return
  share = max(map(_packed_share, parts[:: max(1, len(parts) // _SAMPLES)]))
  share = min(1, _SPARE * share)
  if free < needed(share):
    raise errors.OutputError(
      f'Cannot write {path}: it takes about {needed(share) / 1e9:.1f} GB, and '
      f'{free / 1e9:.1f} GB are free there. Make room and give the same '
      'command again: it goes on where it stopped.'
    )


def _packed_share(part) -> float:
  """Size of a part of a file when it is packed, over that before."""
  with rasterio.io.MemoryFile(ext='.tif') as memory:
    _copy_optimized(part, memory.name, overviews='none')
    return len(memory.getbuffer()) / part.stat().st_size


def _add_overviews(source, steps) -> None:
  """Makes overviews, four times as fast as GDAL does, and names them."""
  halves = halving.write_halves(source, largest_px=_SMALLEST_PX, steps=steps)
  tree = ET.parse(source)
  for band in tree.iter('VRTRasterBand'):
    for half in halves:
      overview = ET.SubElement(band, 'Overview')
      name = ET.SubElement(overview, 'SourceFilename', relativeToVRT='1')
      name.text = half.name
      ET.SubElement(overview, 'SourceBand').text = band.get('band')
  tree.write(source, encoding='utf-8')


def _copy_optimized(source, target, **options) -> None:
  rasterio.shutil.copy(
    source,
    target,
    driver='COG',
    compress='deflate',
    # Higher levels take a third more time for 3 % less of heights.
    level=1,
    predictor='yes',
    blocksize=_BLOCK_PX,
    bigtiff='if_safer',
    num_threads='all_cpus',
    **options,
  )


def write_image(path, image, like) -> None:
  """Writes an image, a GeoTIFF or a plain picture as the suffix says.

  Args:
    path: a .tif, .png or .jpg file.
    image: uint8 [H, W, C].
    like: Raster of the same [H, W] that gives CRS and transform, or None; a
      PNG or JPEG carries neither.

  Raises:
    errors.OutputError: another suffix, or a place that cannot be written.
  """
  suffix = pathlib.Path(path).suffix.lower()
  if suffix not in _TIFF_SUFFIXES + _PICTURE_SUFFIXES:
    raise errors.OutputError(
      f'Cannot write an image to {path}. Expected .tif, .png or .jpg.'
    )
  image = np.asarray(image)
  _check_shape(image, like)
  with files.replacing(path) as scratch:
    if suffix in _TIFF_SUFFIXES:
      profile = {'dtype': 'uint8', 'predictor': 2}
      if image.shape[2] == 3:
        profile |= {'photometric': 'RGB', 'interleave': 'pixel'}
      _write_tiff(scratch, image, like, profile, [])
    else:
      only = image[..., 0] if image.shape[2] == 1 else image
      PIL.Image.fromarray(only).save(scratch, quality=_JPEG_QUALITY)


def write_mask(path, rows, like) -> None:
  """Writes a mask: 0 for no, 1 for yes, 255 for unknown, in every format.

  Args:
    path: a .tif file, in which 255 is tagged as no data, or a .png file, whose
      palette shows the three as black, white and grey.
    rows: uint8 [n, W] of 0, 1 and 255, one after the other.
    like: Raster of the mask's [H, W] that gives CRS and transform.

  Raises:
    errors.OutputError: another suffix, or a place that cannot be written.
  """
  suffix = pathlib.Path(path).suffix.lower()
  if suffix not in (*_TIFF_SUFFIXES, '.png'):
    raise errors.OutputError(f'Cannot write {path}. Expected .tif or .png.')
  with files.replacing(path) as scratch:
    if suffix == '.png':
      picture = PIL.Image.fromarray(np.concatenate(list(rows)))
      picture.putpalette([0] * 3 + [255] * 3 + [190] * 3 * 254)
      picture.save(scratch)
    else:
      profile = {'dtype': 'uint8', 'nodata': MASK_UNKNOWN}
      with _tiff(scratch, (*like.shape, 1), like, profile) as dataset:
        first = 0
        for part in rows:
          window = rasterio.windows.Window(0, first, part.shape[1], len(part))
          dataset.write(part, 1, window=window)
          first += len(part)


def _write_tiff(path, pixels, like, profile, names) -> None:
  with _tiff(path, pixels.shape, like, profile) as dataset:
    dataset.write(np.moveaxis(pixels, -1, 0))
    for index, name in enumerate(names, start=1):
      dataset.set_band_description(index, name)
      dataset.set_band_unit(index, 'm')


@contextlib.contextmanager
def _tiff(path, shape, like, profile):
  """Yields a dataset to write to; packed in memory, it goes to `path`."""
  height, width, count = shape
  with rasterio.io.MemoryFile() as memory, warnings.catch_warnings():
    warnings.simplefilter('ignore', rasterio.errors.NotGeoreferencedWarning)
    with memory.open(
      driver='GTiff',
      height=height,
      width=width,
      count=count,
      crs=like.crs if like else None,
      transform=like.transform if like else None,
      bigtiff='IF_SAFER',
      **_TILED | profile,
    ) as dataset:
      yield dataset
    # GDAL says nothing when a disk is full as a file is closed; Python does.
    path.write_bytes(memory.getbuffer())


def _check_shape(pixels, like) -> None:
  if like is not None and pixels.shape[:2] != like.shape:
    raise ValueError(
      f'Invalid shape. Expected {like.shape} as {like.path} has. Received '
      f'{pixels.shape[:2]}.'
    )
