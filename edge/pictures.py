"""Images in and heights out, by Pillow alone."""

import dataclasses
import math
import os

import numpy as np
import PIL.Image

# Tags of GeoTIFF, and GDAL's for what is unknown.
_PIXEL_SCALE, _TIEPOINT, _KEYS, _NODATA = 33550, 33922, 34735, 42113
_GEO_TAGS = (_PIXEL_SCALE, _TIEPOINT, _KEYS, 34736, 34737)
_MODEL_TYPE, _RASTER_TYPE, _CODE, _UNITS = 1024, 1025, 3072, 3076
_PROJECTED, _METRE, _POINTS, _WEB_MERCATOR = 1, 9001, 2, 3857
# All of an image is held in memory.
_MOST_PIXELS = 200_000_000
PIL.Image.MAX_IMAGE_PIXELS = None


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Image:
  """What a file holds.

  Attributes:
    pixels: uint8 [H, W, 3].
    known: bool [H, W].
    sides_m: ground sizes of a pixel, downwards and across, metres; None if
      unknown.
    anchors_px: numbers of the first row and column, counted from where y and x
      are 0; None where nobody knows.
    tags: of a GeoTIFF, for the heights.
  """

  pixels: np.ndarray
  known: np.ndarray
  sides_m: tuple[float, float] | None
  anchors_px: tuple[int | None, int | None]
  tags: dict


def read(path, *, gsd_m):
  """Reads PNG, JPEG or TIFF of 8 bits.

  Args:
    path: of the file.
    gsd_m: ground size of a pixel, metres, where the file does not tell; or
      None.

  Returns:
    Image.

  Raises:
    ValueError: no such image, or one that Pillow cannot show as it is.
  """
  try:
    with PIL.Image.open(path) as picture:
      if picture.mode not in ('RGB', 'RGBA', 'P', 'L'):
        raise ValueError(
          f'{path} has {picture.mode} pixels. Expected red, green and blue of '
          '8 bits; predict_main.py reads others.'
        )
      if picture.width * picture.height > _MOST_PIXELS:
        raise ValueError(
          f'{path} has {picture.width} x {picture.height} pixels. Expected at '
          f'most {_MOST_PIXELS:,}; cut it, or use predict_main.py.'
        )
      tags = dict(getattr(picture, 'tag_v2', {}))
      shown = np.asarray(picture.convert('RGBA'))
  except (OSError, SyntaxError) as error:  # Pillow's for damage.
    raise ValueError(f'{path} cannot be read ({error}).') from error
  known = shown[..., 3] > 0
  if _NODATA in tags:
    known &= (shown[..., :3] != float(tags[_NODATA].strip('\0 '))).any(-1)
  sides_m, anchors_px = _place(tags)
  if sides_m is None and gsd_m is not None:
    sides_m = gsd_m, gsd_m
  return Image(
    pixels=np.ascontiguousarray(shown[..., :3]),
    known=known,
    sides_m=sides_m,
    anchors_px=anchors_px,
    tags={tag: tags[tag] for tag in _GEO_TAGS if tag in tags},
  )


def _place(tags):
  """Ground sizes and anchors of a GeoTIFF that is north up, in metres."""
  flat = tags.get(_KEYS, ())
  keys = {flat[k]: flat[k + 3] for k in range(4, len(flat) - 3, 4)}
  plain = (
    keys.get(_MODEL_TYPE) == _PROJECTED
    and keys.get(_UNITS) == _METRE
    and keys.get(_RASTER_TYPE) != _POINTS
    and keys.get(_CODE) != _WEB_MERCATOR
    and _PIXEL_SCALE in tags
    and len(tags.get(_TIEPOINT, ())) == 6
  )
  if not plain:
    return None, (None, None)
  across_m, down_m = tags[_PIXEL_SCALE][:2]
  column, row, _, x, y, _ = tags[_TIEPOINT]
  # A part of the scene has the same fraction.
  anchors_px = (
    math.floor(round(-y / down_m - row, 6)),
    math.floor(round(x / across_m - column, 6)),
  )
  return (down_m, across_m), anchors_px


def write(path, height_m, tags):
  """Writes float32 [H, W], metres: .npy, or .tif where the image lay.

  The file is whole or not there: it is written beside its target.
  """
  stem, ending = os.path.splitext(path)
  scratch = f'{stem}.part{ending}'
  if ending == '.npy':
    np.save(scratch, height_m)
  else:
    more = {**tags, _NODATA: 'nan'}
    PIL.Image.fromarray(height_m).save(
      scratch, tiffinfo=more, compression='tiff_adobe_deflate'
    )
  os.replace(scratch, path)
