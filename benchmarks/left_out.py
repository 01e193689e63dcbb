r"""Places never seen: synthetic data alone, and each place left out in turn.

  python benchmarks/left_out.py --start=runs/world/last.keras \
    --config=configs/bundled.cfg --minutes=20 --fill_pits_m=1.8 \
    --json=left_out.json

Scores --start, a network that has never seen a real height, on whole places.
Then, for each place, trains on from there on the scenes of all other places,
and scores the place left out, beside "predict 0" and "predict the training
median". What is finished is kept in --work_dir, so that an interrupted run
goes on, in the middle of a training too; remove the folder for a fresh one.
"""

import pathlib
import subprocess
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import places

from heightnet_tf import command
from heightnet_tf import files

_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Left out in turn.'
)
_START = flags.DEFINE_string('start', None, 'Model to start from.')
_EXTRA_DATA = flags.DEFINE_string(
  'extra_data', '', 'Synthetic pairs to train on beside the real ones.'
)
_CONFIG = flags.DEFINE_string(
  'config', 'configs/bundled.cfg', 'Flagfile for train_main.py.'
)
_MINUTES = flags.DEFINE_float('minutes', 15.0, 'Training time of each place.')
_FILL_PITS_M = flags.DEFINE_float(
  'fill_pits_m', 0.0, 'As in prepare_main.py, of what is trained on.'
)
_SEEDS = flags.DEFINE_list('seeds', ['0'], 'A training for each of these.')
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/left_out', 'Where tiles, runs and results are kept.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')


def main(argv):
  """Scores, trains, scores and prints one table."""
  command.reject_leftovers(argv)
  command.require('start')
  work = pathlib.Path(_WORK_DIR.value)
  rows = places.kept(work / 'start.json', start_alone)
  for place in _PLACES.value:
    rows += places.kept(
      work / f'{place}.json', lambda place=place: baselines(work, place)
    )
    for seed in _SEEDS.value:
      rows += places.kept(
        work / f'{place}_{seed}.json',
        lambda place=place, seed=seed: left_out(work, place, seed),
      )
  report = places.report(
    rows,
    minutes=_MINUTES.value,
    fill_pits_m=_FILL_PITS_M.value,
    recipe=pathlib.Path(_CONFIG.value).read_text(encoding='utf-8'),
  )
  places.print_table(report)
  if _JSON.value:
    files.write_json(_JSON.value, report)


def find(*names):
  """The scenes of places, read anew each time."""
  return places.scenes(_SCENES.value, names)


def start_alone():
  """What the start knows of each place, and of all together."""
  found = [
    ('start alone', places.predict_with(_START.value)),
    ('predict 0 m', places.always(0.0)),
  ]
  rows = []
  for name, predict in found:
    figures = places.score(predict, find(*_PLACES.value), places.everything)
    each = figures.pop('places')
    rows += [{'name': f'{place}, {name}'} | each[place] for place in each]
    rows.append({'name': f'all places, {name}'} | figures)
  return rows


def blocks_of(work, place):
  """Where all other places are, as they were measured, and cut if need be."""
  blocks = work / f'{place}_blocks'
  places.cut(blocks, others(place), places.nothing)
  return blocks


def others(place):
  """The scenes of all other places."""
  names = places.names(_SCENES.value)
  return find(*(name for name in names if name != place))


def baselines(work, place):
  """What needs no image; the median is that of measured heights."""
  rows = places.trivial(
    blocks_of(work, place), lambda: find(place), places.everything
  )
  return [row | {'name': f'{place} left out, {row["name"]}'} for row in rows]


def left_out(work, place, seed):
  """Trains on every other place and scores this one."""
  blocks, run = blocks_of(work, place), work / f'{place}_{seed}_run'
  if _FILL_PITS_M.value:
    blocks = work / f'{place}_filled'
    places.cut(
      blocks, others(place), places.nothing, fill_pits_m=_FILL_PITS_M.value
    )
  subprocess.run(
    [
      sys.executable,
      'train_main.py',
      f'--flagfile={_CONFIG.value}',
      f'--data_dir={blocks}',
      f'--extra_data={_EXTRA_DATA.value}',
      f'--load={_START.value}',
      f'--run_dir={run}',
      f'--minutes={_MINUTES.value}',
      f'--seed={seed}',
    ],
    check=True,
  )
  figures = places.score_file(
    run / 'last.keras', find(place), places.everything
  )
  return [{'name': f'{place} left out, heightnet_tf, seed {seed}'} | figures]


if __name__ == '__main__':
  command.run(main)
