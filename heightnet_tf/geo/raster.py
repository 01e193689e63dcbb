"""Pixels together with their place on the ground."""

import dataclasses
import math

import affine
import numpy as np
import rasterio.crs
import rasterio.errors
import rasterio.warp

from heightnet_tf.geo import ground

_EARTH_RADIUS_M = 6371008.8
_WEB_MERCATOR = 3857
_LAST_LATITUDE = 89


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Raster:
  """An image or a height map that knows where it lies.

  Attributes:
    pixels: uint8 [H, W, C] for images; float32 [H, W, 1] for heights, metres,
      NaN where unknown.
    crs: coordinate reference system, or None where the file names none.
    transform: from (column, row) to coordinates; None without a georeference.
    known: bool [H, W], False where the file holds nothing.
    bands: names of the C bands, in order.
    path: the file it came from, for messages.
  """

  pixels: np.ndarray
  crs: rasterio.crs.CRS | None
  transform: affine.Affine | None
  known: np.ndarray
  bands: tuple[str, ...]
  path: str

  @property
  def shape(self) -> tuple[int, int]:
    """Height and width in pixels."""
    return self.pixels.shape[0], self.pixels.shape[1]

  @property
  def gsd_m(self) -> float | None:
    """Ground size of one pixel, metres; None without a georeference.

    The square root of a pixel's ground area, so that pixels of unequal sides
    and rotated grids have one too. Degrees count at the raster's centre.
    """
    units_m = self._units_m()
    if units_m is None:
      return None
    return math.sqrt(abs(self.transform.determinant) * units_m[0] * units_m[1])

  @property
  def sides_m(self) -> tuple[float, float] | None:
    """Ground sizes of a pixel downwards and across, metres, or None.

    Degrees, and Web Mercator's metres, count at the whole degree of latitude
    nearest to the raster's centre, so that a part of a scene has the sizes of
    the scene.
    """
    units_m = self._units_m(whole_degrees=True)
    if units_m is None:
      return None
    east, north = units_m
    one = self.transform
    return (
      math.hypot(one.b * east, one.e * north),
      math.hypot(one.a * east, one.d * north),
    )

  def _units_m(self, *, whole_degrees=False) -> tuple[float, float] | None:
    """Metres on the ground in a unit of x and of y."""
    if self.crs is None or self.transform is None:
      return None
    try:
      if self.crs.is_geographic:
        radians = self.crs.units_factor[1]
        latitude = _latitude(math.degrees(self._centre()[1] * radians))
        if whole_degrees:
          latitude = round(latitude)
        unit_m = radians * _EARTH_RADIUS_M
        return unit_m * math.cos(math.radians(latitude)), unit_m
      unit_m = self.crs.linear_units_factor[1]
      if self.crs.to_epsg() == _WEB_MERCATOR:
        # Its metres are metres at the equator only.
        east, north = self._centre()
        place = rasterio.warp.transform(self.crs, ground.WGS84, [east], [north])
        latitude = place[1][0]
        if whole_degrees:
          latitude = round(latitude)
        unit_m *= math.cos(math.radians(latitude))
      return unit_m, unit_m
    except rasterio.errors.CRSError:
      return None

  def _centre(self) -> tuple[float, float]:
    height, width = self.shape
    return self.transform @ (width / 2, height / 2)


def _latitude(degrees) -> float:
  """Keeps away from the poles, where degrees of longitude have no length."""
  return min(max(degrees, -_LAST_LATITUDE), _LAST_LATITUDE)
