r"""Files for the edge: size, time, memory, and what they cost in accuracy.

  python benchmarks/edge.py --model=runs/real/best.keras --json=edge.json

Exports every `.tflite` variant in every size, calibrated on tiles that touch
no test block, then predicts whole scenes with each and pools the errors of the
test blocks, as accuracy.py does; the Keras model sees the same windows as the
files that it is compared with. Time and peak memory are those of a process
that runs one tile without TensorFlow (edge/); leave the machine alone
meanwhile. What is finished is kept in --work_dir, so that an interrupted run
goes on; remove the folder for a fresh one.
"""

import json
import pathlib
import subprocess
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import places

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.export import parity
from heightnet_tf.heights import error_sums

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_MODEL = flags.DEFINE_string('model', bundled.MODEL, 'A .keras file.')
_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Places to pool.'
)
_TFLITE_PX = flags.DEFINE_list(
  'tflite_px', ['256', '512', '0'], 'Sizes, as export_main.py takes them.'
)
_CALIBRATION_TILES = flags.DEFINE_integer(
  'calibration_tiles', 32, 'Tiles that calibrate int8.'
)
_ONLY = flags.DEFINE_list('only', [], 'Files to score; all if empty.')
_RUNS = flags.DEFINE_integer('runs', 20, 'Tiles that are timed.')
_ACCURACY = flags.DEFINE_bool('accuracy', True, 'Score the files on scenes.')
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/edge', 'Where tiles, files and results are kept.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')

_THREADS = (1, 2)
# Of the tile that models of any size are timed with.
_SIDE_PX = 256


def main(argv):
  """Exports, times, scores and prints two tables."""
  command.reject_leftovers(argv)
  work = pathlib.Path(_WORK_DIR.value)
  exports = work / 'exports'
  places.cut(work / 'blocks', find(), places.test_blocks)
  if not exports.exists():
    export(work / 'blocks', exports)
  paths = [
    path
    for path in sorted(exports.glob('*.tflite'))
    if not _ONLY.value or path.name in _ONLY.value
  ]
  rows = []
  if _ACCURACY.value:
    rows += [keras_row(side, work) for side in sorted({*map(side_of, paths)})]
  rows += [row_of(path, work) for path in paths]
  report = places.report(rows, places=_PLACES.value)
  print_costs(report)
  if _ACCURACY.value:
    print_bins(report)
  if _JSON.value:
    files.write_json(_JSON.value, report)


def find():
  """The scenes, read anew each time."""
  return places.scenes(_SCENES.value, _PLACES.value)


def export(blocks, output):
  """Writes all files, or none if one fails the gates of export_main.py."""
  subprocess.run(
    [
      sys.executable,
      str(_ROOT / 'export_main.py'),
      f'--model={_MODEL.value}',
      f'--output={output}',
      f'--data_dir={blocks}',
      '--format=tflite',
      f'--tflite_px={",".join(_TFLITE_PX.value)}',
      f'--window_px={places.WINDOW_PX}',
      f'--calibration_tiles={_CALIBRATION_TILES.value}',
    ],
    check=True,
  )


def side_of(path):
  """The size that a file's name tells: pixels, or 'any'."""
  return path.stem.rpartition('_')[2]


class Fixed:
  """A predictor that is given windows of one size."""

  def __init__(self, predictor, side_px):
    self._predictor = predictor
    self.card = predictor.card
    self.fixed_px = side_px

  def __call__(self, image):
    return self._predictor(image)


def keras_row(side, work):
  """Figures of the Keras model with the windows of files of one size."""
  path = pathlib.Path(_MODEL.value)
  fixed_px = None if side == 'any' else int(side)
  figures = places.kept(
    work / f'{path.name}_{side}.json',
    lambda: places.score_file(
      path,
      find(),
      places.test_blocks,
      lambda predictor: Fixed(predictor, fixed_px),
    ),
  )
  name = f'{path.name}, windows of {side}'
  return {'name': name, 'side': side, 'size_mb': parity.size_mb(path)} | figures


def row_of(path, work):
  """Figures of one file; a step that is finished is not made again."""
  row = {'name': path.name, 'side': side_of(path)}
  row['size_mb'] = parity.size_mb(path)
  for threads in _THREADS:
    row[f'threads_{threads}'] = timed(path, threads)
  if _ACCURACY.value:
    row |= places.kept(
      work / f'{path.name}.json',
      lambda: places.score_file(path, find(), places.test_blocks),
    )
  return row


def timed(path, threads):
  """Runs a file in a process of its own."""
  script = pathlib.Path(__file__).with_name('edge_process.py')
  arguments = [path, _SIDE_PX, threads, _RUNS.value]
  done = subprocess.run(
    [sys.executable, str(script), *map(str, arguments)],
    stdout=subprocess.PIPE,
    check=True,
  )
  return json.loads(done.stdout)


def print_costs(report):
  """Prints what the files cost, in Markdown."""
  print(f'\n{report["processor"]}, {report["machine"]}, {report["date"]}')
  print(
    '| file | MB | tile (pixels) | ms, 1 thread | ms, 2 threads | '
    'peak memory (MB) | MAE (m) | MAE where truth >= 20 m (m) |'
  )
  print('| --- ' * 8 + '|')
  for row in report['rows']:
    one, two = (row.get(f'threads_{threads}', {}) for threads in _THREADS)
    cells = [
      row['name'],
      f'{row["size_mb"]:.2f}',
      str(one.get('side_px', '')),
      _number(one.get('latency_ms'), '.1f'),
      _number(two.get('latency_ms'), '.1f'),
      _number(one.get('peak_mb'), '.0f'),
      _number(row.get('mae_m'), '.3f'),
      _number(row.get('mae_20m_up_m'), '.2f'),
    ]
    print(f'| {" | ".join(cells)} |')


def print_bins(report):
  """Prints by how much files change the MAE of each height bin."""
  rows = report['rows']
  references = {row['side']: row for row in rows if 'threads_1' not in row}
  labels = [
    error_sums.bin_label(one['low_m'], one['high_m']) for one in rows[0]['bins']
  ]
  print('\nMAE (m) of the Keras model by true height, and what files change:\n')
  print(f'| file | all | {" | ".join(labels)} |')
  print('| --- ' * (len(labels) + 2) + '|')
  for row in rows:
    reference = references[row['side']]
    form = '.4f'
    cells = [one['mae_m'] for one in [row, *row['bins']]]
    if row is not reference:
      row['bin_changes'] = parity.bin_changes(row, reference)
      changes_m = [one['mae_change_m'] for one in row['bin_changes']]
      form = '+.4f'
      cells = [row['mae_m'] - reference['mae_m'], *changes_m]
    cells = [_number(cell, form) for cell in cells]
    print(f'| {row["name"]} | {" | ".join(cells)} |')


def _number(value, form):
  return '' if value is None else format(value, form)


if __name__ == '__main__':
  command.run(main)
