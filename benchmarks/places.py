"""Real places to train and to score on, and tables of figures."""

import dataclasses
import functools
import json
import operator
import os
import pathlib
import platform
import time

import numpy as np

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf import model_card
from heightnet_tf.geo import reading
from heightnet_tf.geo import tiles
from heightnet_tf.geo import writing
from heightnet_tf.heights import bins
from heightnet_tf.heights import error_sums
from heightnet_tf.heights import pits
from heightnet_tf.heights import spread_sums

_BLOCK_PX = 512
_LEAST_PX = 200
# Of scenes and of exported files alike, at the model's pixel size.
WINDOW_PX = 256
OVERLAP_PX = WINDOW_PX // 2
# Columns of tables of models that predict spreads; see `markdown`.
SPREAD_COLUMNS = (
  ('coverage_50', 'in the 50 % interval', 2),
  ('coverage_80', 'in the 80 % interval', 2),
  ('coverage_95', 'in the 95 % interval', 2),
  ('ece', 'calibration error', 3),
)


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
    for name, image, height in filled(
      found, radius_m=fill_pits_m, held_at=held_at
    ):
      held = held_at(image.shape)
      height_m = height.pixels[..., 0]
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


def filled(found, *, radius_m, held_at=nothing):
  """The same scenes with the pits in their tree crowns filled.

  Args:
    found: (name, image Raster, height Raster), as of `scenes`.
    radius_m: as of `pits.fill`; 0 fills none.
    held_at: as of `cut`; filled from what is not held, which becomes unknown.

  Yields:
    The same.
  """
  for name, image, height in found:
    height_m = height.pixels[..., 0]
    if radius_m:
      height_m = pits.fill(
        np.where(held_at(image.shape), np.nan, height_m),
        gsd_m=height.gsd_m,
        radius_m=radius_m,
      )
    pixels = height_m[..., np.newaxis]
    yield name, image, dataclasses.replace(height, pixels=pixels)


def _corners(shape):
  """Yields the corners of the blocks; those at the end may be smaller."""
  for row in range(0, shape[0] - _LEAST_PX, _BLOCK_PX):
    for column in range(0, shape[1] - _LEAST_PX, _BLOCK_PX):
      yield row, column


def score_file(path, found, counted_at, wrap=lambda predictor: predictor):
  """Scores a model of any format, scene by scene; see `score`."""
  return score(predict_with(path, wrap), found, counted_at)


def predict_with(
  path,
  wrap=lambda predictor: predictor,
  *,
  window_px=WINDOW_PX,
  overlap_px=OVERLAP_PX,
):
  """Opens a model of any format.

  Args:
    path: of the model.
    wrap: function of a predictor, to the one to use.
    window_px: side of the windows, pixels of the model.
    overlap_px: of neighbours.

  Returns:
    Function of an image Raster, to float32 [H, W, 1 or 2]: heights and, from
    a model that has them, spreads.
  """
  # TensorFlow takes seconds to start, and a peer's rows need none.
  from heightnet_tf.geo import scene_rows
  from heightnet_tf.inference import backends
  from heightnet_tf.inference import scenes as scene_room

  predictor = wrap(backends.open_predictor(path))
  names = (model_card.HEIGHT, model_card.SPREAD)
  wanted = [
    predictor.card.outputs.index(name)
    for name in names
    if name in predictor.card.outputs
  ]
  options = scene_room.SceneOptions(
    window_px=window_px, overlap_px=overlap_px, batch_size=4, scale=None
  )

  def predict(image):
    plan = scene_room.plan_scene(predictor, image, options, gsd_m=None)
    rows = scene_room.predict_rows(
      predictor, scene_rows.ArrayRows(image.pixels), plan, (0, len(image.known))
    )
    outputs = np.concatenate([chunk[..., wanted] for _, chunk in rows])
    return np.where(image.known[..., np.newaxis], outputs, np.float32(np.nan))

  return predict


def score(predict, found, counted_at):
  """Pools the errors of a prediction over what is counted.

  Args:
    predict: function of an image Raster, to float32 [H, W, 1 or 2]: heights
      and maybe spreads, metres.
    found: (name, image Raster, height Raster), as of `scenes`.
    counted_at: function of a shape, to bool [H, W].

  Returns:
    dict of figures, and of those of each place under `places`.
  """
  sums = {}
  for _, image, height in found:
    truth = np.where(counted_at(image.shape), height.pixels[..., 0], np.nan)
    place = pathlib.Path(image.path).parent.parent.name
    sums.setdefault(place, []).append(_sums(predict(image), truth))
  everywhere = [pair for pairs in sums.values() for pair in pairs]
  places = {place: _figures(pairs) for place, pairs in sums.items()}
  return _figures(everywhere) | {'places': places}


def _sums(outputs, truth):
  """Sums of errors and of spreads, which may be over nothing."""
  height_m, spread_m = outputs[..., 0], outputs[..., 1:]
  spread = spread_sums.SpreadSums.zero()
  if spread_m.size:
    spread = spread_sums.SpreadSums.of(height_m, spread_m[..., 0], truth)
  errors_of = error_sums.ErrorSums.of(
    height_m, truth, edges_m=bins.REPORT_EDGES_M
  )
  return errors_of, spread


def _figures(pairs):
  errors_of, spreads = (
    functools.reduce(operator.add, parts) for parts in zip(*pairs, strict=True)
  )
  return errors_of.summary() | spreads.figures()


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
  return [
    {'name': name} | score(always(height_m), find(), counted_at)
    for name, height_m in [
      ('predict 0 m', 0.0),
      (f'predict the training median, {median:.2f} m', median),
    ]
  ]


def always(height_m):
  """A prediction that is one height everywhere, for `score`."""
  return lambda image: np.full((*image.shape, 1), height_m, np.float32)


def report(rows, **more):
  """Rows of figures with the machine and the date."""
  return here_and_now() | more | {'rows': rows}


def here_and_now():
  """The machine and the date."""
  return {
    'machine': f'{platform.machine()}, {os.cpu_count()} cores',
    'processor': _processor(),
    'date': time.strftime('%Y-%m-%d'),
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
  print(markdown(figures['rows'], COLUMNS))


def markdown(rows, columns):
  """Lays rows out as a table.

  Args:
    rows: dicts with a name; figures that are missing or None stay empty.
    columns: key, heading and digits of each figure.

  Returns:
    Lines of Markdown.
  """
  lines = [
    f'| | {" | ".join(heading for _, heading, _ in columns)} |',
    f'|{" --- |" * (len(columns) + 1)}',
  ]
  for row in rows:
    cells = [
      f'{row[key]:.{digits}f}' if row.get(key) is not None else ''
      for key, _, digits in columns
    ]
    lines.append(f'| {" | ".join([row["name"], *cells])} |')
  return '\n'.join(lines)


COLUMNS = (
  ('mae_m', 'MAE (m)', 3),
  ('rmse_m', 'RMSE (m)', 3),
  ('bias_m', 'bias (m)', 3),
  ('mae_20m_up_m', 'MAE where truth >= 20 m (m)', 2),
  ('f1_1m', 'F1', 3),
  ('correlation', 'correlation', 2),
)
