"""Real places to train and to score on, and tables of figures."""

import json
import os
import pathlib
import platform
import time

import numpy as np

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf.geo import reading
from heightnet_tf.geo import tiles
from heightnet_tf.geo import writing
from heightnet_tf.heights import bins
from heightnet_tf.heights import error_sums
from heightnet_tf.heights import pits

_BLOCK_PX = 512
_LEAST_PX = 200
# Of scenes and of exported files alike, at the model's pixel size.
WINDOW_PX = 256


def kept(path, make):
  """Reads a finished step's result, or makes and keeps it."""
  if not path.exists():
    files.write_json(path, make())
  return json.loads(path.read_text(encoding='utf-8'))


def names(root):
  """The places in a folder: those with images and heights."""
  found = sorted(path.parent.name for path in pathlib.Path(root).glob('*/imgs'))
  if not found:
    raise errors.InputError(
      f'No places in {root}. Name the folder of the places with --scenes.'
    )
  return found


def scenes(root, places):
  """Yields (name, image Raster, height Raster) of all scenes of places."""
  for place in places:
    folder = pathlib.Path(root, place)
    paths = sorted((folder / 'imgs').glob('*.tif'))
    if not paths:
      raise errors.InputError(
        f'No scenes in {folder}. Name their folder with --scenes.'
      )
    for path in paths:
      height = folder / 'heights' / path.name
      yield (
        path.stem,
        reading.read_image(path),
        reading.read_height(height, scale=1.0, nodata=None),
      )


def test_blocks(shape):
  """Bool [H, W]: the pixels held for testing, every fourth block."""
  row = np.arange(shape[0])[:, None] // _BLOCK_PX
  column = np.arange(shape[1])[None] // _BLOCK_PX
  return (row + 2 * column) % 4 == 0


def everything(shape):
  """Bool [H, W]: all pixels."""
  return np.ones(shape, bool)


def nothing(shape):
  """Bool [H, W]: no pixel."""
  return np.zeros(shape, bool)


def cut(output, found, held_at, *, fill_pits_m=0.0):
  """Cuts blocks that touch nothing held; each is a group of its own.

  Args:
    output: folder to write, with imgs/ and masks/; kept if it is there.
    found: (name, image Raster, height Raster), as of `scenes`.
    held_at: function of a shape, to bool [H, W], what must not be touched.
    fill_pits_m: radius within which pits in tree crowns are filled, from what
      is not held; 0 fills none.
  """
  if output.exists():
    return
  with files.replacing(output, folder=True) as scratch:
    for name, image, height in found:
      held = held_at(image.shape)
      height_m = height.pixels[..., 0]
      if fill_pits_m:
        height_m = pits.fill(
          np.where(held, np.nan, height_m),
          gsd_m=height.gsd_m,
          radius_m=fill_pits_m,
        )
      for row, column in _corners(image.shape):
        box = tiles.window(held, row, column, _BLOCK_PX)
        known = tiles.window(height.known, row, column, _BLOCK_PX)
        if box.any() or known.mean() < 0.3:
          continue
        block = f'{row // _BLOCK_PX}-{column // _BLOCK_PX}'
        stem = f'{name}-{block}_{row}_{column}.tif'
        tile = tiles.cut(image, row, column, _BLOCK_PX)
        writing.write_image(scratch / 'imgs' / stem, tile.pixels, tile)
        truth = tiles.window(height_m, row, column, _BLOCK_PX)
        writing.write_height(scratch / 'masks' / stem, truth, tile)


def _corners(shape):
  """Yields the corners of the blocks; those at the end may be smaller."""
  for row in range(0, shape[0] - _LEAST_PX, _BLOCK_PX):
    for column in range(0, shape[1] - _LEAST_PX, _BLOCK_PX):
      yield row, column


def score_file(path, found, counted_at, wrap=lambda predictor: predictor):
  """Scores a model of any format, scene by scene; see `score`."""
  # TensorFlow takes seconds to start, and a peer's rows need none.
  from heightnet_tf.inference import backends
  from heightnet_tf.inference import scenes as scene_room

  predictor = wrap(backends.open_predictor(path))
  options = scene_room.SceneOptions(
    window_px=WINDOW_PX, overlap_px=WINDOW_PX // 2, batch_size=4, scale=None
  )
  return score(
    lambda image: scene_room.predict_scene(predictor, image, options),
    found,
    counted_at,
  )


def score(predict, found, counted_at):
  """Pools the errors of `predict(image Raster)` over what is counted.

  Args:
    predict: function of an image Raster, to float32 [H, W] metres.
    found: (name, image Raster, height Raster), as of `scenes`.
    counted_at: function of a shape, to bool [H, W].

  Returns:
    dict of figures, and of those of each scene under `places`.
  """
  pooled = error_sums.ErrorSums.zero(bins.REPORT_EDGES_M)
  places = {}
  for name, image, height in found:
    truth = np.where(counted_at(image.shape), height.pixels[..., 0], np.nan)
    sums = error_sums.ErrorSums.of(
      predict(image), truth, edges_m=bins.REPORT_EDGES_M
    )
    places[name] = sums.summary()
    pooled += sums
  return pooled.summary() | {'places': places}


def trivial(blocks, find, counted_at):
  """The two answers that need no image: 0, and the training median.

  Args:
    blocks: folder with masks/, what is trained on.
    find: function of nothing, to what `scenes` gives.
    counted_at: function of a shape, to bool [H, W].

  Returns:
    Two rows of figures.
  """
  known = [
    reading.read_height(path, scale=1.0, nodata=None).pixels
    for path in sorted((blocks / 'masks').glob('*.tif'))
  ]
  median = float(np.nanmedian(np.concatenate([k.ravel() for k in known])))
  rows = []
  for name, value in [
    ('predict 0 m', 0.0),
    (f'predict the training median, {median:.2f} m', median),
  ]:

    def predict(image, value=value):
      return np.full(image.shape, value, np.float32)

    rows.append({'name': name} | score(predict, find(), counted_at))
  return rows


def report(rows, **more):
  """Rows of figures with the machine and the date."""
  return {
    'machine': f'{platform.machine()}, {os.cpu_count()} cores',
    'processor': _processor(),
    'date': time.strftime('%Y-%m-%d'),
    **more,
    'rows': rows,
  }


def _processor():
  """The processor's name, where the system tells."""
  info = pathlib.Path('/proc/cpuinfo')
  lines = info.read_text().splitlines() if info.exists() else []
  found = [line for line in lines if line.startswith('model name')]
  return found[0].partition(':')[2].strip() if found else platform.processor()


def print_table(figures):
  """Prints the rows of a `report` as a table in Markdown."""
  print(f'\n{figures["processor"]}, {figures["machine"]}, {figures["date"]}')
  print(
    '| | MAE (m) | RMSE (m) | bias (m) | MAE where truth >= 20 m (m) | F1 | '
    'correlation |'
  )
  print('| --- | --- | --- | --- | --- | --- | --- |')
  for row in figures['rows']:
    cells = [
      f'{row[name]:.{digits}f}' if row.get(name) is not None else ''
      for name, digits in _COLUMNS
    ]
    print(f'| {" | ".join([row["name"], *cells])} |')


_COLUMNS = (
  ('mae_m', 3),
  ('rmse_m', 3),
  ('bias_m', 3),
  ('mae_20m_up_m', 2),
  ('f1_1m', 3),
  ('correlation', 2),
)
