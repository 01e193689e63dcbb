"""Opening raster files, here or far away; what is wrong in one sentence."""

import contextlib
import logging
import os
import pathlib
import threading
import warnings

import affine
import numpy as np
import PIL.PngImagePlugin
import rasterio
import rasterio.env
import rasterio.errors

from heightnet_tf import errors
from heightnet_tf.geo import raster

# MB of pixels that GDAL keeps, so that memory does not grow with a scene; it
# would take a twentieth of the machine. A user's own setting still wins, if a
# row of blocks fits.
_CACHE = 'GDAL_CACHEMAX'
os.environ.setdefault(_CACHE, '32')
# A network that fails for a moment is no damage.
os.environ.setdefault('GDAL_HTTP_MAX_RETRY', '3')
# Nobody lists the folder of a remote file to look for what lies beside it.
_REMOTE = {'GDAL_DISABLE_READDIR_ON_OPEN': 'EMPTY_DIR'}
# warnings.catch_warnings is not safe in threads, and pipelines read in many.
_OPENING = threading.Lock()
# What GDAL chatters before it fails is in the exception too.
logging.getLogger('rasterio').setLevel(logging.WARNING)


def is_remote(name) -> bool:
  """Tells names that GDAL opens and the file system does not: URLs, /vsi."""
  return '://' in str(name) or str(name).startswith('/vsi')


def open_raster(name) -> rasterio.DatasetReader:
  """Opens a raster file for reading; to be closed by `with`.

  Args:
    name: a path, an address (http, https, s3, gs, ...) or a /vsi path of GDAL.

  Returns:
    The open file.

  Raises:
    errors.InputError: missing, damaged or foreign file.
  """
  if not is_remote(name) and not pathlib.Path(name).is_file():
    what = 'is a folder' if pathlib.Path(name).is_dir() else 'does not exist'
    raise errors.InputError(f'{name} {what}. Expected an image file.')
  try:
    with rasterio.Env(**_REMOTE if is_remote(name) else {}):
      dataset = open_quietly(name)
    if dataset.driver == 'PNG' and not is_remote(name):
      # GDAL returns black for a truncated PNG without a word.
      # Not through PIL.Image.open, which refuses large scenes.
      with PIL.PngImagePlugin.PngImageFile(name) as picture:
        picture.verify()
  except (OSError, SyntaxError, rasterio.errors.RasterioError) as error:
    raise unreadable(name, error) from error
  return dataset


def hold_blocks(dataset) -> None:
  """Makes room in GDAL's cache for a file that is read row by row.

  A row of blocks that does not fit is unpacked once for each rows read of it.

  Args:
    dataset: the open file; the room stays when it is closed.
  """
  rows = max(height for height, _ in dataset.block_shapes)
  bytes_a_pixel = sum(np.dtype(kind).itemsize for kind in dataset.dtypes)
  # Blocks at the right end reach beyond the file; what is next needs some too.
  needed = int(1.25 * rows * dataset.width * bytes_a_pixel)
  if needed > rasterio.env.get_gdal_config(_CACHE):
    rasterio.env.set_gdal_config(_CACHE, needed)


def open_quietly(name, mode: str = 'r', **profile) -> rasterio.DatasetReader:
  """Opens a raster that may have no place, without a warning.

  Args:
    name: a path or a remote address.
    mode: `r` to read, `r+` to change, `w` to write.
    **profile: what is written.

  Returns:
    The open raster.

  Raises:
    rasterio.errors.RasterioError: it cannot be opened.
  """
  with _OPENING, warnings.catch_warnings():
    warnings.simplefilter('ignore', rasterio.errors.NotGeoreferencedWarning)
    return rasterio.open(name, mode, **profile)


@contextlib.contextmanager
def opened(name):
  """Opens a raster file that is read inside the `with` and nothing else.

  Yields:
    The open file.

  Raises:
    errors.InputError: as `open_raster`, or a part of it cannot be read.
  """
  with open_raster(name) as dataset:
    try:
      yield dataset
    except (OSError, rasterio.errors.RasterioError) as error:
      raise unreadable(name, error) from error


def unreadable(name, error) -> errors.InputError:
  """The sentence for a file that fails to be read."""
  if is_remote(name):
    return errors.InputError(
      f'{name} cannot be read ({error}). Check the address, the network and '
      'the credentials that GDAL needs.'
    )
  return errors.InputError(
    f'{name} cannot be read; it is truncated, damaged or not an image. '
    'Expected PNG, JPEG, TIFF, JPEG 2000 or another format of GDAL.'
  )


def place_of(dataset) -> dict:
  """CRS and transform of an open file as fields of a Raster."""
  transform = dataset.transform
  if transform == affine.Affine.identity():
    transform = None
  return {'crs': dataset.crs or None, 'transform': transform}


def without_pixels(dataset, name) -> raster.Raster:
  """A Raster of zeros, [H, W, 1], that take no memory: the place alone."""
  return raster.Raster(
    pixels=np.broadcast_to(np.uint8(0), (*dataset.shape, 1)),
    known=np.broadcast_to(np.bool_(True), dataset.shape),
    bands=('nothing',),
    path=str(name),
    **place_of(dataset),
  )


def files_of(dataset) -> list[str]:
  """Names of the files that an open one is made of.

  Without those that a viewer writes beside it.
  """
  return sorted(name for name in dataset.files if not name.endswith('.aux.xml'))


def state_of(names: list[str]) -> list:
  """What tells that files are not what they were.

  Args:
    names: of files.

  Returns:
    Name, size and time of change of each; only the name where it is not known,
    as of remote files.
  """
  return [[name, *_size_and_time(name)] for name in names]


def _size_and_time(name):
  if is_remote(name):
    return None, None
  try:
    stat = os.stat(name)
  except OSError:
    return None, None
  return stat.st_size, stat.st_mtime_ns
