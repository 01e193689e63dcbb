"""Where windows lie along one axis of a scene, and how much each counts."""

import dataclasses
import math

import numpy as np

from heightnet_tf.inference import predictor as predictors

# Positions that are whole up to rounding errors count as whole.
_DIGITS = 6


@dataclasses.dataclass(frozen=True, kw_only=True)
class Windows:
  """How an image is cut for a network.

  Attributes:
    window_px: side of a window, network pixels.
    overlap_px: overlap of neighbours, less than a side.
    stride_px: sides of windows that are cut short are multiples of it; None
      where none may be.
  """

  window_px: int
  overlap_px: int
  stride_px: int | None

  @classmethod
  def for_predictor(
    cls, predictor: predictors.Predictor, window_px: int, overlap_px: int
  ) -> 'Windows':
    """The windows wanted, as a predictor can take them."""
    if predictor.fixed_px is not None:
      side = predictor.fixed_px
      return cls(
        window_px=side, overlap_px=min(overlap_px, side // 2), stride_px=None
      )
    stride_px = predictor.card.stride_px
    return cls(
      window_px=-(-window_px // stride_px) * stride_px,
      overlap_px=overlap_px,
      stride_px=stride_px,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Axis:
  """Windows along one axis of a scene, in the pixels that a network sees.

  The axis is numbered from a zero far away that all parts of a scene share.
  It is cut into cells; a window sees its cell and `lead_px` more on both
  sides. So a pixel is seen by the same windows however the scene is cut, but
  for parts that are no larger than a window.

  Attributes:
    size_px: length of the image, its own pixels.
    anchor_px: number of the image's first pixel, counted from the zero in its
      own pixels.
    factor: network pixels in an image pixel.
    window_px: length of a window.
    step_px: length of a cell.
    lead_px: how far a window begins before its cell.
    stride_px: as of Windows.
  """

  size_px: int
  anchor_px: int
  factor: float
  window_px: int
  step_px: int
  lead_px: int
  stride_px: int | None

  @classmethod
  def of(
    cls, size_px: int, *, anchor_px: int | None, factor: float, windows: Windows
  ) -> 'Axis':
    """Lays windows along an axis.

    Args:
      size_px: length of the image.
      anchor_px: number of its first pixel; None where nobody knows. The first
        cell then begins there, as it does where one window holds all.
      factor: network pixels in an image pixel.
      windows: how to cut.

    Returns:
      The axis.
    """
    window_px = windows.window_px
    step_px = window_px - windows.overlap_px
    lead_px = windows.overlap_px // 2
    seen_px = max(1, _ceil(factor * size_px))
    if seen_px <= window_px:
      if windows.stride_px:
        window_px = -(-seen_px // windows.stride_px) * windows.stride_px
      step_px, lead_px = window_px, (window_px - seen_px) // 2
      anchor_px = 0
    return cls(
      size_px=size_px,
      anchor_px=anchor_px or 0,
      factor=factor,
      window_px=window_px,
      step_px=step_px,
      lead_px=lead_px,
      stride_px=windows.stride_px,
    )

  @property
  def first(self) -> int:
    """First network pixel that the image reaches into."""
    return _floor(self.factor * self.anchor_px)

  @property
  def stop(self) -> int:
    """Network pixel after the last one that the image reaches into."""
    return max(
      self.first + 1, _ceil(self.factor * (self.anchor_px + self.size_px))
    )

  @property
  def cells(self) -> range:
    """Numbers of the cells that the image reaches into."""
    return range(
      self.first // self.step_px, (self.stop - 1) // self.step_px + 1
    )

  def span(self, cell: int) -> tuple[int, int]:
    """First pixel of a cell's window and the one after its last.

    A window that reaches farther beyond the image than its lead is cut short
    by whole strides, which leaves the network's own grid where it was.
    """
    start = cell * self.step_px - self.lead_px
    stop = start + self.window_px
    if self.stride_px:
      before = self.first - self.lead_px - start
      after = stop - (self.stop + self.lead_px)
      start += max(0, before // self.stride_px) * self.stride_px
      stop -= max(0, after // self.stride_px) * self.stride_px
    return start, stop

  def inside(self, cell: int) -> tuple[int, int]:
    """The part of a cell's window that the image reaches into."""
    start, stop = self.span(cell)
    return max(start, self.first), min(stop, self.stop)

  def shares(self, cell: int) -> np.ndarray:
    """How much a window counts in each pixel of `inside`, float32.

    Raised cosines, divided by their sum over all windows.
    """
    middles = np.arange(*self.inside(cell)) + 0.5
    reach = -(-self.window_px // self.step_px)
    total = sum(
      self._cosine(middles, other)
      for other in range(cell - reach, cell + reach + 1)
      if other in self.cells
    )
    return (self._cosine(middles, cell) / total).astype(np.float32)

  def cell_over(self, pixel: int) -> int:
    """The first cell whose window reaches a pixel."""
    first = (pixel + self.lead_px - self.window_px) // self.step_px + 1
    return max(first, self.cells.start)

  def complete_from(self, cell: int) -> int:
    """First pixel that no window before that of a cell reaches."""
    if cell == self.cells.start:
      return self.first
    return (cell - 1) * self.step_px - self.lead_px + self.window_px

  def complete_to(self, cell: int) -> int:
    """First pixel that a window after that of a cell reaches."""
    if cell == self.cells.stop - 1:
      return self.stop
    return max(self.first, (cell + 1) * self.step_px - self.lead_px)

  def to_image(self, pixel: float) -> float:
    """Where a place of the axis lies in the image, in its pixels."""
    return pixel / self.factor - self.anchor_px

  def from_image(self, pixel: float) -> float:
    """Where a place in the image lies on the axis."""
    return self.factor * (self.anchor_px + pixel)

  def _cosine(self, middles, cell):
    start = cell * self.step_px - self.lead_px
    share = np.clip((middles - start) / self.window_px, 0, 1)
    return 0.5 - 0.5 * np.cos(2 * math.pi * share)


def _floor(value):
  return math.floor(round(value, _DIGITS))


def _ceil(value):
  return math.ceil(round(value, _DIGITS))
