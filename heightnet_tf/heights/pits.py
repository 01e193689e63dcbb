"""Pits in tree crowns: the ground seen between leafless branches."""

import numpy as np
from scipy import ndimage

# What is lower than this is grass, shrub or car, and not filled up to.
_TREE_HEIGHT_M = 2.0
# Roofs are even: a pixel differs by no more from the median around it.
_ROOF_STEP_M = 0.5
_ROOF_AREA_M2 = 15.0


def fill(height_m, *, gsd_m: float, radius_m: float) -> np.ndarray:
  """Fills the pits in tree crowns; all else stays as it is.

  Sparse lidar of leafless trees finds the ground in many cells of a crown
  which looks closed in a photograph. Canopy height models have such pits
  filled before use (Khosravipour et al. 2014, "Generating pit-free canopy
  height models from airborne lidar"); here by a grey closing with a disc,
  which raises what is lower than its surroundings and lowers nothing. Nothing
  is filled on roofs, nor nearer to one than the radius: courtyards and gaps
  between houses are real. Nor is anything against unknown pixels or the edge.

  Args:
    height_m: float [H, W], metres; NaN where unknown.
    gsd_m: ground size of one pixel, metres.
    radius_m: radius of the disc, metres: pits up to twice as wide are filled.

  Returns:
    float32 [H, W]; unknown where it was unknown.
  """
  # In a number of pixels that rounding has not made less than it is.
  radius_px = radius_m / gsd_m + 1e-6
  disc = _disc(radius_px)
  room = 2 * int(radius_px)
  lowest_m = np.where(np.isfinite(height_m), height_m, -np.inf)
  closed_m = np.pad(lowest_m, room, constant_values=-np.inf)
  closed_m = ndimage.grey_dilation(closed_m, footprint=disc)
  closed_m = ndimage.grey_erosion(closed_m, footprint=disc)
  closed_m = closed_m[room:, room:][: lowest_m.shape[0], : lowest_m.shape[1]]
  # One pixel more, for the ragged outermost pixels of a roof.
  at_roofs = ndimage.binary_dilation(
    _roofs(lowest_m, gsd_m), _disc(radius_px + 1)
  )
  filled = np.isfinite(height_m) & (closed_m >= _TREE_HEIGHT_M) & ~at_roofs
  return np.where(filled, closed_m, height_m).astype(np.float32)


def _roofs(lowest_m, gsd_m) -> np.ndarray:
  """Bool [H, W]: even patches above the ground, as large as a shed."""
  tall = lowest_m > _TREE_HEIGHT_M
  height_m = np.where(tall, lowest_m, 0.0)
  step_m = np.abs(height_m - ndimage.median_filter(height_m, size=3))
  even = ndimage.binary_opening(tall & (step_m < _ROOF_STEP_M), np.ones((3, 3)))
  labels, count = ndimage.label(even)
  area_m2 = np.bincount(labels.ravel(), minlength=count + 1) * gsd_m**2
  large = area_m2 >= _ROOF_AREA_M2
  large[0] = False
  return large[labels]


def _disc(radius_px) -> np.ndarray:
  reach = int(radius_px)
  row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1]
  return row**2 + column**2 <= radius_px**2
