"""From one pixel grid to another, unknown heights kept apart from known."""

import dataclasses
import math

import numpy as np
import PIL.Image
import rasterio.crs
import rasterio.errors
import rasterio.transform
import rasterio.warp

from heightnet_tf import errors
from heightnet_tf.geo import raster

# From here on bilinear would skip source pixels.
_SHRINKING = 1.5
_LEAST_KNOWN = 0.5
_SLACK = 1e-6


def scaled(shape, factor) -> tuple[int, int]:
  """Gives the nearest height and width, pixels, after resizing by a factor."""
  return tuple(max(1, round(side * factor)) for side in shape)


def resize_image(image, shape) -> np.ndarray:
  """Resizes an image, bicubic, smoothed before it shrinks.

  Args:
    image: uint8 [H, W, C].
    shape: height and width wanted, pixels.

  Returns:
    uint8 [*shape, C].
  """
  if image.shape[:2] == tuple(shape):
    return image
  return _resize_bands(image, shape, PIL.Image.Resampling.BICUBIC)


def resize_part(pixels, *, box, shape) -> np.ndarray:
  """Resizes a part as all of it would be, smoothed before it shrinks.

  Args:
    pixels: [H, W, C], the part and what lies around it: uint8 for colours,
      bicubic; float32 for heights without unknown ones, bilinear.
    box: left, top, right and bottom edge of the part, pixels of `pixels`, not
      necessarily whole.
    shape: height and width wanted, pixels.

  Returns:
    [*shape, C] of the same type.
  """
  kinds = PIL.Image.Resampling
  method = kinds.BICUBIC if pixels.dtype == np.uint8 else kinds.BILINEAR
  return _resize_bands(pixels, shape, method, box)


def resize_height(height_m, shape) -> np.ndarray:
  """Resizes heights: a bilinear average of the known ones under each pixel.

  Args:
    height_m: float32 [H, W], metres; NaN where unknown.
    shape: height and width wanted, pixels.

  Returns:
    float32 `shape`; NaN where less than half of what lies under a pixel is
    known.
  """
  height_m = np.asarray(height_m, np.float32)
  if height_m.shape == tuple(shape):
    return height_m
  known = np.isfinite(height_m)
  bilinear = PIL.Image.Resampling.BILINEAR
  total = _resize(np.where(known, height_m, np.float32(0)), shape, bilinear)
  share = _resize(known.astype(np.float32), shape, bilinear)
  enough = share >= _LEAST_KNOWN - _SLACK
  return np.where(
    enough, total / np.where(enough, share, 1), np.float32(np.nan)
  )


def sample_height(height_m, shape) -> np.ndarray:
  """Resizes heights by taking the one under the middle of each new pixel.

  For training: an L1 loss then finds the median of the heights that are really
  there. An average over the edge of a roof, or over a leafless crown, is the
  height of nothing.

  Args:
    height_m: float32 [H, W], metres; NaN where unknown.
    shape: height and width wanted, pixels.

  Returns:
    float32 `shape`, of values of `height_m`.
  """
  rows, columns = (
    _middles(before, after)
    for before, after in zip(height_m.shape, shape, strict=True)
  )
  return height_m[rows[:, None], columns]


def _middles(before, after) -> np.ndarray:
  """Finds the pixel under the middle of each of `after` new ones.

  A middle that falls between two pixels, as all do where the size is halved,
  takes the one after and the one before it in turn: always the same would move
  heights by half a pixel against their image.
  """
  middles = (np.arange(after) + 0.5) * before / after
  pixels = middles.astype(int)
  between = np.flatnonzero(middles == pixels)
  pixels[between[1::2]] -= 1
  return pixels


def _resize_bands(pixels, shape, method, box=None) -> np.ndarray:
  if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
    # The same numbers as band by band, in two thirds of the time.
    return _resize(pixels, shape, method, box)
  return np.stack(
    [_resize(band, shape, method, box) for band in np.moveaxis(pixels, 2, 0)],
    axis=-1,
  )


def _resize(pixels, shape, method, box=None) -> np.ndarray:
  rows, columns = shape
  picture = PIL.Image.fromarray(np.ascontiguousarray(pixels))
  return np.asarray(picture.resize((columns, rows), method, box))


def to_grid(heights, like) -> raster.Raster:
  """Puts a height map on the grid of another raster.

  Args:
    heights: Raster of float32 [H, W, 1], metres.
    like: Raster whose CRS, transform and shape the result gets.

  Returns:
    Raster of float32 [*like.shape, 1]; NaN where `heights` reaches not or
    knows nothing. Averaged where pixels become larger, else bilinear.

  Raises:
    errors.InputError: only one of them has a georeference, or they lie apart.
    errors.PairingError: neither has one and their sizes differ.
  """
  _check_places(heights, like)
  if _same_grid(heights, like):
    pixels = heights.pixels
  else:
    _check_overlap(heights, like)
    pixels = _warp(heights, like)
  return dataclasses.replace(
    heights,
    pixels=pixels,
    known=np.isfinite(pixels[..., 0]),
    crs=like.crs,
    transform=like.transform,
  )


def above_ground(dsm, dtm) -> raster.Raster:
  """Subtracts the terrain: DSM - DTM on the DSM's grid, negatives to 0.

  Args:
    dsm: Raster of surface heights, float32 [H, W, 1], metres.
    dtm: Raster of terrain heights, metres, on any grid that overlaps.

  Returns:
    Raster of heights above ground; NaN where either is unknown.

  Raises:
    errors.InputError: the two do not overlap.
    errors.PairingError: no georeference and sizes that differ.
  """
  # np.maximum lets NaN through.
  height_m = np.maximum(dsm.pixels - to_grid(dtm, dsm).pixels, np.float32(0))
  return dataclasses.replace(
    dsm, pixels=height_m, known=np.isfinite(height_m[..., 0])
  )


def _check_places(heights, like) -> None:
  for one, other in ((heights, like), (like, heights)):
    for attribute, what in (
      ('transform', 'georeference'),
      ('crs', 'coordinate reference system'),
    ):
      if getattr(one, attribute) or getattr(other, attribute) is None:
        continue
      raise errors.InputError(
        f'{one.path} has no {what} but {other.path} has one, so they cannot be '
        'laid over each other. Give both the same, for instance with '
        'gdal_edit.py -a_srs and -a_ullr.'
      )
  if like.transform is None and heights.shape != like.shape:
    raise errors.PairingError(
      f'{heights.path} has {_size(heights)} pixels but {like.path} has '
      f'{_size(like)}. Expected equal sizes, as neither has a georeference.'
    )


def _size(one) -> str:
  return f'{one.shape[1]} x {one.shape[0]}'


def _same_grid(heights, like) -> bool:
  if like.transform is None:
    return True
  if heights.crs != like.crs or heights.shape != like.shape:
    return False
  # Corners within a hundredth of a pixel are the same place.
  there = ~like.transform @ heights.transform
  rows, columns = like.shape
  return all(
    math.dist(there @ corner, corner) < 0.01
    for corner in ((0, 0), (columns, 0), (0, rows))
  )


def _check_overlap(heights, like) -> None:
  """Compares footprints, not pixels: known or not, they may overlap."""
  try:
    bounds = _bounds(heights)
    if heights.crs != like.crs:
      bounds = rasterio.warp.transform_bounds(heights.crs, like.crs, *bounds)
    west, south, east, north = bounds
    left, bottom, right, top = _bounds(like)
    overlap = west < right and left < east and south < top and bottom < north
  except rasterio.errors.RasterioError:
    overlap = False
  if not overlap:
    raise errors.InputError(
      f'{heights.path} does not overlap {like.path}. Expected rasters of the '
      'same place; check the files and their coordinate reference systems.'
    )


def _bounds(one) -> tuple[float, float, float, float]:
  return rasterio.transform.array_bounds(*one.shape, one.transform)


def _warp(heights, like) -> np.ndarray:
  pixels = np.full(like.shape, np.nan, np.float32)
  # GDAL must have some CRS; without one both share the same plane.
  plane = rasterio.crs.CRS.from_epsg(3857)
  shrinks = _pixel_side(like) >= _SHRINKING * _pixel_side(heights)
  rasterio.warp.reproject(
    heights.pixels[..., 0],
    pixels,
    src_transform=heights.transform,
    src_crs=heights.crs or plane,
    src_nodata=np.nan,
    dst_transform=like.transform,
    dst_crs=like.crs or plane,
    dst_nodata=np.nan,
    resampling=(
      rasterio.warp.Resampling.average
      if shrinks
      else rasterio.warp.Resampling.bilinear
    ),
  )
  return pixels[..., np.newaxis]


def _pixel_side(one) -> float:
  return one.gsd_m or math.sqrt(abs(one.transform.determinant))
