"""A scene of any size, read in rows from top to bottom."""

import functools

import numpy as np
import rasterio.windows

from heightnet_tf import errors
from heightnet_tf.geo import looks
from heightnet_tf.geo import opening
from heightnet_tf.geo import raster
from heightnet_tf.geo import salvage

# Files of these are read line after line: behind damage nothing comes back.
_SEQUENTIAL = ('PNG', 'JPEG')


class ArrayRows:
  """Rows of an image in memory; all of it is known.

  Attributes:
    shape: height and width, pixels.
    all_known: True.
  """

  all_known = True

  def __init__(self, image: np.ndarray):
    """Takes an image, uint8 [H, W, C]."""
    self._image = image
    self.shape = image.shape[:2]

  def read(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Reads rows; see `FileRows.read`."""
    rows = self._image[first:stop]
    return rows, np.ones(rows.shape[:2], bool)


class FileRows:
  """Rows of an image file; damaged blocks of it are unknown.

  Used from one thread at a time.

  Attributes:
    name: of the file.
    shape: height and width, pixels.
    all_known: whether the file cannot tell that a pixel is unknown.
    place: Raster without pixels that tells where the scene lies.
    look: how its bands become an image.
    state: what tells that the file has changed.
    damaged: windows that could not be read.
    black: pixels read so far that are black and count as known.
  """

  def __init__(
    self,
    name,
    *,
    band_count: int,
    bands: tuple[int, ...] | None,
    nodata: float | None,
  ):
    """Opens a file.

    Args:
      name: a path or a remote address; see `opening.open_raster`.
      band_count: bands wanted.
      bands: bands of the file to take, from 1; None for its own order.
      nodata: value that means unknown, see `looks.Look`; or None.

    Raises:
      errors.InputError: it cannot be opened, or is no image.
    """
    self.name = str(name)
    self._dataset = opening.open_raster(name)
    try:
      self.look = looks.look_at(
        self._dataset,
        name,
        band_count=band_count,
        bands=bands,
        nodata=nodata,
      )
    except errors.HeightnetError:
      self._dataset.close()
      raise
    opening.hold_blocks(self._dataset)
    self.shape = self._dataset.shape
    self.all_known = self.look.all_known
    self.place: raster.Raster = opening.without_pixels(self._dataset, name)
    self._files = opening.files_of(self._dataset)
    self.state = opening.state_of(self._files)
    self.damaged: list[rasterio.windows.Window] = []
    self.black = 0
    self._readable = False

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self._dataset.close()

  @property
  def guessed(self) -> bool:
    """Whether bands were left out without the file's naming those taken."""
    left_out = {*looks.colour_bands(self._dataset)} - {*self.look.indices}
    kinds = [self._dataset.colorinterp[k - 1].name for k in self.look.indices]
    named = {*kinds} <= {'red', 'green', 'blue', 'palette'}
    return bool(left_out) and not named

  def unreadable(self, first: int, stop: int) -> int:
    """Counts the pixels of some rows that could not be read."""
    return sum(
      max(0, min(part.row_off + part.height, stop) - max(part.row_off, first))
      * part.width
      for part in self.damaged
    )

  def read(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    """Reads rows.

    Args:
      first: row.
      stop: row after the last one.

    Returns:
      uint8 [stop - first, W, C] and bool [stop - first, W], False where the
      file knows nothing or a block of it is damaged.

    Raises:
      errors.InputError: the file has changed, or nothing of it can be read.
      errors.ServerError: it is far away and no longer there.
    """
    width = self.shape[1]
    window = rasterio.windows.Window(0, first, width, stop - first)
    parts = list(
      salvage.salvaged(
        lambda part: self.look.read(self._dataset, window=part),
        window,
        self._dataset.block_shapes[0],
      )
    )
    self.check_unchanged()
    if len(parts) == 1 and parts[0][1] is not None:
      self._readable = True
      pixels, known = parts[0][1]
    else:
      pixels, known = self._put_together(first, stop, parts)
    self.black += _black(pixels, known)
    return pixels, known

  def check_unchanged(self) -> None:
    """Raises errors.InputError if the file is not the one that was opened."""
    if opening.state_of(self._files) != self.state:
      raise errors.InputError(
        f'{self.name} changed while it was read. Wait until it is complete '
        'and start again.'
      )

  def _put_together(self, first, stop, parts):
    if opening.is_remote(self.name):
      raise errors.ServerError(
        f'{self.name} stopped answering. Run the same command again: it goes '
        'on where it was.'
      )
    shape = (stop - first, self.shape[1])
    pixels = np.zeros((*shape, len(self.look.names)), np.uint8)
    known = np.zeros(shape, bool)
    for window, content in parts:
      if content is None:
        self.damaged.append(window)
        continue
      self._readable = True
      top, left = window.row_off - first, window.col_off
      place = np.s_[top : top + window.height, left : left + window.width]
      pixels[place], known[place] = content
    if not self._readable or self._dataset.driver in _SEQUENTIAL:
      raise opening.unreadable(self.name, 'damaged')
    return pixels, known


def _black(pixels, known):
  """Counts what is 0 in every band and known."""
  # Band by band: `any` over so short an axis takes seven times as long.
  lit = functools.reduce(np.bitwise_or, np.moveaxis(pixels, 2, 0))
  return np.count_nonzero(known & (lit == 0))
