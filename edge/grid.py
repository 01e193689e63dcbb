"""Where windows lie along one axis of an image, and how much each counts.

The same arithmetic as heightnet_tf/inference/grid.py, and so the same heights.
"""

import dataclasses
import math

import numpy as np


@dataclasses.dataclass(frozen=True, kw_only=True)
class Axis:
  """Windows along one axis, in the pixels that the network sees.

  Attributes:
    size_px: length of the image, its own pixels.
    anchor_px: number of the image's first pixel, counted from where x or y is
      0; 0 where nobody knows.
    factor: network pixels in an image pixel.
    window_px: length of a window.
    step_px: distance of windows.
    lead_px: how far a window begins before its cell.
    stride_px: windows that are cut short are multiples of it; None where none
      may be.
  """

  size_px: int
  anchor_px: int
  factor: float
  window_px: int
  step_px: int
  lead_px: int
  stride_px: int | None

  @classmethod
  def of(cls, size_px, *, anchor_px, factor, window_px, overlap_px, stride_px):
    """Lays windows; `anchor_px` None where nobody knows."""
    step_px, lead_px = window_px - overlap_px, overlap_px // 2
    seen_px = max(1, _ceil(factor * size_px))
    if seen_px <= window_px:  # One window holds all.
      if stride_px:
        window_px = -(-seen_px // stride_px) * stride_px
      step_px, lead_px = window_px, (window_px - seen_px) // 2
      anchor_px = 0
    return cls(
      size_px=size_px,
      anchor_px=anchor_px or 0,
      factor=factor,
      window_px=window_px,
      step_px=step_px,
      lead_px=lead_px,
      stride_px=stride_px,
    )

  @property
  def first(self):
    """First network pixel that the image reaches into."""
    return _floor(self.factor * self.anchor_px)

  @property
  def stop(self):
    """Network pixel after the last one that the image reaches into."""
    end = _ceil(self.factor * (self.anchor_px + self.size_px))
    return max(self.first + 1, end)

  @property
  def cells(self):
    """Numbers of the windows."""
    last = (self.stop - 1) // self.step_px
    return range(self.first // self.step_px, last + 1)

  def span(self, cell):
    """First pixel of a window, and the one after its last."""
    start = cell * self.step_px - self.lead_px
    stop = start + self.window_px
    if self.stride_px:
      before = self.first - self.lead_px - start
      after = stop - (self.stop + self.lead_px)
      start += max(0, before // self.stride_px) * self.stride_px
      stop -= max(0, after // self.stride_px) * self.stride_px
    return start, stop

  def inside(self, cell):
    """The part of a window that the image reaches into."""
    start, stop = self.span(cell)
    return max(start, self.first), min(stop, self.stop)

  def shares(self, cell):
    """How much a window counts in each pixel of `inside`: raised cosines."""
    middles = np.arange(*self.inside(cell)) + 0.5
    reach = -(-self.window_px // self.step_px)
    total = sum(
      self._cosine(middles, other)
      for other in range(cell - reach, cell + reach + 1)
      if other in self.cells
    )
    return (self._cosine(middles, cell) / total).astype(np.float32)

  def to_image(self, pixel):
    """Where a place of the axis lies in the image, in its pixels."""
    return pixel / self.factor - self.anchor_px

  def from_image(self, pixel):
    """Where a place in the image lies on the axis."""
    return self.factor * (self.anchor_px + pixel)

  def _cosine(self, middles, cell):
    start = cell * self.step_px - self.lead_px
    share = np.clip((middles - start) / self.window_px, 0, 1)
    return 0.5 - 0.5 * np.cos(2 * math.pi * share)


def _floor(value):
  return math.floor(round(value, 6))


def _ceil(value):
  return math.ceil(round(value, 6))
