"""Between the pixels of an image and those that the network sees.

Piece by piece, as heightnet_tf/inference/feeding.py and unfeeding.py do, so
that Pillow rounds in the same places.
"""

import math

import numpy as np
import PIL.Image

# Towards the network, and back across and down.
_PIECE_PX = 256
_BACK_PX = 512
_CHUNK_PX = 128
# How far the kernels reach, and one pixel for rounding.
_CUBIC_REACH_PX = 3
_LINEAR_REACH_PX = 2


def to_network(image, rows, columns):
  """Resamples uint8 [H, W, C] to the pixels that the network sees."""
  if rows.factor == columns.factor == 1:
    return image
  return np.concatenate(
    [
      np.concatenate(
        [_piece_in(image, down, across) for across in _pieces_in(columns)],
        axis=1,
      )
      for down in _pieces_in(rows)
    ]
  )


def from_network(maps, rows, columns):
  """Resamples float32 [h, w, K] back to the pixels of the image."""
  if rows.factor == columns.factor == 1:
    return maps
  return np.concatenate(
    [
      np.concatenate(
        [
          _piece_out(maps, down, across)
          for across in _pieces_out(columns, _BACK_PX)
        ],
        axis=1,
      )
      for down in _pieces_out(rows, _CHUNK_PX)
    ]
  )


def _pieces_in(axis):
  """Yields pieces: image pixels, padding, box, pixels made and kept."""
  side = max(1, min(_PIECE_PX, math.floor(_PIECE_PX * axis.factor)))
  reach = math.ceil(_CUBIC_REACH_PX * max(1, 1 / axis.factor))
  for at in range(axis.first // side * side, axis.stop, side):
    keep = max(at, axis.first) - at, min(at + side, axis.stop) - at
    start, stop = axis.to_image(at), axis.to_image(at + side)
    first, last = math.floor(start) - reach, math.ceil(stop) + reach
    inner = min(max(first, 0), axis.size_px - 1)
    outer = max(inner + 1, min(last, axis.size_px))
    padding = max(0, inner - first), max(0, last - outer)
    box = start - first, stop - first
    yield slice(inner, outer), padding, box, side, slice(*keep)


def _piece_in(image, down, across):
  part = np.pad(
    image[down[0], across[0]], (down[1], across[1], (0, 0)), mode='symmetric'
  )
  made = _resize(part, PIL.Image.Resampling.BICUBIC, down, across)
  return made[down[4], across[4]]


def _pieces_out(axis, side):
  """Yields pieces: network pixels, nothing, box, image pixels made."""
  for at in range(0, axis.size_px, side):
    end = min(at + side, axis.size_px)
    reach = math.ceil(_LINEAR_REACH_PX * max(1, axis.factor))
    start, stop = axis.from_image(at), axis.from_image(end)
    low, high = round(start), round(stop)
    if axis.factor != 1:
      low = max(axis.first, math.floor(start) - reach)
      high = min(axis.stop, math.ceil(stop) + reach)
    box = [min(max(place - low, 0.0), high - low) for place in (start, stop)]
    yield slice(low - axis.first, high - axis.first), None, box, end - at


def _piece_out(maps, down, across):
  part = maps[down[0], across[0]]
  return _resize(part, PIL.Image.Resampling.BILINEAR, down, across)


def _resize(part, method, down, across):
  """Resizes the box of a part, band by band."""
  (top, bottom), (left, right) = down[2], across[2]
  bands = [
    PIL.Image.fromarray(np.ascontiguousarray(part[..., band])).resize(
      (across[3], down[3]), method, (left, top, right, bottom)
    )
    for band in range(part.shape[2])
  ]
  return np.stack([np.asarray(band) for band in bands], axis=-1)
