"""A GeoTIFF of heights, read window by window."""

import contextlib

import affine
import numpy as np
import rasterio
import rasterio.windows

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.geo import opening

_STRIP_PX = 1024


class HeightFile:
  """Heights, and their spread where the file has it, by windows of pixels."""

  def __init__(self, dataset: rasterio.DatasetReader, path):
    """Finds the bands of an open raster; the first is the height if unnamed."""
    self._dataset = dataset
    names = list(dataset.descriptions)
    self.bands = {
      name: names.index(name) + 1
      for name in (model_card.HEIGHT, model_card.SPREAD)
      if name in names
    }
    self.bands.setdefault(model_card.HEIGHT, 1)
    self.path = str(path)

  @property
  def shape(self) -> tuple[int, int]:
    """Height and width in pixels."""
    return self._dataset.shape

  @property
  def crs(self) -> rasterio.crs.CRS | None:
    """Where the coordinates are meant; None where the file does not say."""
    return self._dataset.crs or None

  @property
  def transform(self) -> affine.Affine:
    """From (column, row) to coordinates."""
    return self._dataset.transform

  def read(self, window, *, step_px: int = 1) -> dict[str, np.ndarray]:
    """Reads every `step_px`-th pixel of a window.

    Args:
      window: ((row, row after), (column, column after)), inside the raster.
      step_px: 1 reads all.

    Returns:
      By band, float32 [H, W]; NaN where unknown.
    """
    (top, bottom), columns = window
    strips = []
    # A decimated read would be answered by overviews, which are averages.
    rows_px = step_px * max(1, _STRIP_PX // step_px)
    for row in range(top, bottom, rows_px):
      rows = (row, min(row + rows_px, bottom))
      strip = self._dataset.read(
        list(self.bands.values()),
        window=rasterio.windows.Window.from_slices(rows, columns),
        masked=True,
      )
      strips.append(strip[:, ::step_px, ::step_px])
    pixels = np.ma.concatenate(strips, axis=1)
    pixels = pixels.astype(np.float32).filled(np.nan)
    pixels[~np.isfinite(pixels)] = np.nan
    return dict(zip(self.bands, pixels, strict=True))


@contextlib.contextmanager
def opened(path):
  """Opens a raster of heights that has a place on the ground.

  Args:
    path: as rasterio takes.

  Yields:
    HeightFile.

  Raises:
    errors.InputError: missing or unreadable, now or later, or without a
      georeference.
  """
  with opening.opened(path) as dataset:
    if dataset.transform == affine.Affine.identity():
      raise errors.InputError(
        f'{path} has no georeference, so nothing can be placed in it. '
        'Expected heights as a GeoTIFF that knows where it lies.'
      )
    yield HeightFile(dataset, path)
