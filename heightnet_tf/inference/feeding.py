"""From the rows of a scene to strips of the pixels that a network sees."""

from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
import math
from typing import Protocol

import numpy as np

from heightnet_tf.geo import resampling
from heightnet_tf.inference import grid

# Pixels of the scene that are resampled together, about. edge/ and web/ follow,
# or they would round elsewhere.
_PIECE_PX = 256
# A cubic kernel reaches two pixels to either side; and one for rounding.
_REACH_PX = 3


class Rows(Protocol):
  """A scene that is read in rows; see `scene_rows.FileRows`."""

  shape: tuple[int, int]
  all_known: bool

  def read(self, first: int, stop: int) -> tuple[np.ndarray, np.ndarray]: ...


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Known:
  """Which pixels of some rows of the scene are known, a bit for each.

  Attributes:
    first: row.
    stop: row after the last one.
    bits: uint8 [rows, columns / 8]; None where all are.
  """

  first: int
  stop: int
  bits: np.ndarray | None

  def unpacked(self, width: int) -> np.ndarray:
    """Bool [rows, width]."""
    if self.bits is None:
      return np.ones((self.stop - self.first, width), bool)
    return np.unpackbits(self.bits, axis=1, count=width).astype(bool)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Strip:
  """What the windows of one row see.

  Attributes:
    cell: number of the row of windows.
    pixels: uint8 [h, w, C], the part of it that lies in the scene.
    known: bool [h, w]; None where all is.
    read: rows of the scene that were read for it and not before.
  """

  cell: int
  pixels: np.ndarray
  known: np.ndarray | None
  read: list[Known]


class _Reader:
  """Reads rows of a scene once each, and holds those needed again."""

  def __init__(self, scene: Rows):
    self._scene = scene
    self._first = self._stop = None
    self._pixels = self._known = None
    self.fresh: list[Known] = []

  def rows(self, first, stop):
    """Rows [first, stop) of the scene; neither falls from call to call."""
    if self._stop is None:
      self._first = self._stop = first
    if stop > self._stop:
      pixels, known = self._scene.read(self._stop, stop)
      packed = None if known.all() else np.packbits(known, axis=1)
      self.fresh.append(Known(first=self._stop, stop=stop, bits=packed))
      if first < self._stop:
        held = slice(first - self._first, None)
        pixels = np.concatenate([self._pixels[held], pixels])
        known = np.concatenate([self._known[held], known])
      self._pixels, self._known = pixels, known
      self._first, self._stop = first, stop
    part = slice(first - self._first, stop - self._first)
    return self._pixels[part], self._known[part]


def strips(
  scene: Rows, rows: grid.Axis, columns: grid.Axis, cells: Iterable[int]
) -> Iterator[Strip]:
  """Reads a scene and resamples it to the pixels that the network sees.

  Resampling is smoothed where pixels become larger. It goes piece by piece;
  the edges of pieces lie where they do in every part of the scene, and each
  piece is filtered with what lies beyond it.

  Args:
    scene: what to read.
    rows: how windows lie from top to bottom.
    columns: and from left to right.
    cells: the rows of windows wanted, one after the other.

  Yields:
    What each row of windows sees.
  """
  reader = _Reader(scene)
  side = _piece_px(rows)
  pixels = known = top = stop = None
  for cell in cells:
    first, end = rows.inside(cell)
    if stop is None:
      top = stop = max(first // side * side, rows.first)
    while stop < end:
      more = _piece(reader, rows, columns, stop // side, scene)
      stop = min((stop // side + 1) * side, rows.stop)
      if pixels is not None:
        more = (
          np.concatenate([pixels, more[0]]),
          np.concatenate([known, more[1]]),
        )
      pixels, known = more
    pixels, known, top = pixels[first - top :], known[first - top :], first
    seen = known[: end - first]
    yield Strip(
      cell=cell,
      pixels=pixels[: end - first],
      known=None if seen.all() else seen,
      read=reader.fresh,
    )
    reader.fresh = []


def _piece_px(axis) -> int:
  """Network pixels in a piece: never more of the scene than a few hundred."""
  return max(1, min(_PIECE_PX, math.floor(_PIECE_PX * axis.factor)))


def _piece(reader, rows, columns, index, scene):
  """Resamples a row of pieces: uint8 [h, all columns, C] and bool."""
  down = _Piece.of(rows, index)
  pixels, known = reader.rows(*down.inside)
  if rows.factor == columns.factor == 1:
    return pixels, known
  side = _piece_px(columns)
  indices = range(columns.first // side, (columns.stop - 1) // side + 1)
  parts = []
  for across in (_Piece.of(columns, index) for index in indices):
    part = np.s_[:, slice(*across.inside)]
    parts.append(_resampled(pixels[part], known[part], down, across))
  return tuple(
    np.concatenate(both, axis=1) for both in zip(*parts, strict=True)
  )


def _resampled(pixels, known, down, across):
  """Resamples one piece: uint8 [h, w, C] and bool [h, w]."""
  pads = down.padding, across.padding
  box = across.start, down.start, across.stop, down.stop
  shape, keep = (down.size, across.size), (down.keep, across.keep)
  image = resampling.resize_part(
    np.pad(pixels, (*pads, (0, 0)), mode='symmetric'), box=box, shape=shape
  )[keep]
  if known.all():
    return image, np.ones(image.shape[:2], bool)
  shares = resampling.resize_part(
    np.pad(known, pads, mode='symmetric')[..., None] * np.uint8(255),
    box=box,
    shape=shape,
  )[keep]
  return image, shares[..., 0] > 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Piece:
  """A piece along one axis, and what of the image it is made of.

  Attributes:
    size: network pixels, of which the image may reach into a part only.
    keep: that part.
    inside: pixels of the image that are needed, first and after the last.
    padding: how many more are made by reflection, before and after.
    start: where the piece begins, counted from the first of all those.
    stop: where it ends.
  """

  size: int
  keep: slice
  inside: tuple[int, int]
  padding: tuple[int, int]
  start: float
  stop: float

  @classmethod
  def of(cls, axis, index):
    side = _piece_px(axis)
    at = index * side
    keep = max(at, axis.first) - at, min(at + side, axis.stop) - at
    if axis.factor == 1:
      # As it is: nothing is made that is not kept.
      at, side = at + keep[0], keep[1] - keep[0]
      keep = 0, side
    reach = 0 if axis.factor == 1 else _reach_px(axis)
    start, stop = axis.to_image(at), axis.to_image(at + side)
    first, last = math.floor(start) - reach, math.ceil(stop) + reach
    inner = min(max(first, 0), axis.size_px - 1)
    outer = max(inner + 1, min(last, axis.size_px))
    return cls(
      size=side,
      keep=slice(*keep),
      inside=(inner, outer),
      padding=(max(0, inner - first), max(0, last - outer)),
      start=start - first,
      stop=stop - first,
    )


def _reach_px(axis) -> int:
  """How far the kernel reaches, pixels of the image."""
  return math.ceil(_REACH_PX * max(1, 1 / axis.factor))
