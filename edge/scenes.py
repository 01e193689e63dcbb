"""Heights of an image of any size: overlapping windows, blended."""

import grid
import numpy as np
import resampling

# A coarser image shows nothing of what the model looks for.
_FARTHEST_SCALE = 8.0


def factors_between(card, sides_m):
  """By how much an image is resized before the network sees it.

  Args:
    card: dict, what the model says of itself.
    sides_m: ground sizes of a pixel, downwards and across, metres; None if
      unknown.

  Returns:
    Factors downwards and across.
  """
  if sides_m is None or card['gsd_m'] is None:
    return card['scale'], card['scale']
  factors = [side / card['gsd_m'] for side in sides_m]
  if max(factors) > _FARTHEST_SCALE:
    raise ValueError(
      f'The pixels are {max(sides_m):.3g} m large, the model was trained at '
      f'{card["gsd_m"]:.3g} m. Expected pixels at most {_FARTHEST_SCALE:g} '
      'times larger; check --gsd_m.'
    )
  return factors


def predict(model, image, *, window_px, overlap_px):
  """Predicts an image.

  Args:
    model: a models.Model.
    image: a pictures.Image.
    window_px: side of the windows, where the model does not fix it.
    overlap_px: overlap of neighbours.

  Returns:
    float32 [H, W, K], metres, one map for each output of the model; NaN where
    the image is unknown.
  """
  rows, columns = _axes(model, image, window_px, overlap_px)
  seen = resampling.to_network(image.pixels, rows, columns)
  total = np.zeros(
    (rows.stop - rows.first, columns.stop - columns.first, model.outputs),
    np.float32,
  )
  for down in rows.cells:
    for across in columns.cells:
      place = _place(rows, down), _place(columns, across)
      window = np.pad(
        seen[place],
        (_padding(rows, down), _padding(columns, across), (0, 0)),
        mode='symmetric',
      )
      found = model.predict(window)[_inner(rows, down), _inner(columns, across)]
      share = rows.shares(down)[:, None] * columns.shares(across)
      total[place] += found * share[..., None]
  maps = resampling.from_network(total, rows, columns)
  maps[~image.known] = np.nan
  return maps


def _axes(model, image, window_px, overlap_px):
  stride_px = model.card['stride_px']
  if model.fixed_px:
    window_px, stride_px = model.fixed_px, None
    overlap_px = min(overlap_px, window_px // 2)
  else:
    window_px = -(-window_px // stride_px) * stride_px
  if overlap_px >= window_px:
    raise ValueError(
      f'--overlap_px={overlap_px} leaves no step between windows of '
      f'{window_px} pixels. Choose a smaller overlap.'
    )
  return [
    grid.Axis.of(
      size_px,
      anchor_px=anchor_px,
      factor=factor,
      window_px=window_px,
      overlap_px=overlap_px,
      stride_px=stride_px,
    )
    for size_px, anchor_px, factor in zip(
      image.known.shape,
      image.anchors_px,
      factors_between(model.card, image.sides_m),
      strict=True,
    )
  ]


def _place(axis, cell):
  """Where a window's inner part lies in the whole."""
  first, stop = axis.inside(cell)
  return slice(first - axis.first, stop - axis.first)


def _inner(axis, cell):
  """Where the image lies in a window."""
  start, _ = axis.span(cell)
  first, stop = axis.inside(cell)
  return slice(first - start, stop - start)


def _padding(axis, cell):
  start, end = axis.span(cell)
  first, stop = axis.inside(cell)
  return first - start, end - stop
