r"""Places never seen: synthetic data alone, and each place left out in turn.

  python benchmarks/left_out.py --start=runs/world/last.keras \
    --config=configs/bundled.cfg --minutes=20 --fill_pits_m=1.8 \
    --json=left_out.json

Scores --start, a network that has never seen a real height, on whole places.
Then, for each place, trains on from there on the scenes of all other places,
and scores the place left out, beside "predict 0" and "predict the training
median". With --fill_pits_m it is scored twice: against the heights as they were
measured, and against those whose pits are filled as in what was trained on.
With --final_minutes it also trains on all places in the same way: the model to
ship, --work_dir/all_0_run/last.keras. What is finished is kept in --work_dir,
so that an interrupted run goes on, in the middle of a training too; remove the
folder for a fresh one.
"""

import pathlib
import subprocess
import sys

from absl import flags
import numpy as np

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
_FINAL_MINUTES = flags.DEFINE_float(
  'final_minutes', 0.0, 'Training time on all places; 0: none.'
)
_FILL_PITS_M = flags.DEFINE_float(
  'fill_pits_m', 0.0, 'As in prepare_main.py, of what is trained on.'
)
_SEEDS = flags.DEFINE_list('seeds', ['0'], 'A training for each of these.')
_HEIGHT_FACTORS = flags.DEFINE_list(
  'height_factors', [], 'Also score heights multiplied by each of these.'
)
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
    for kind in ('measured', 'filled')[: 2 if _FILL_PITS_M.value else 1]:
      rows += rows_of(work, place, kind)
  report = places.report(
    rows,
    minutes=_MINUTES.value,
    fill_pits_m=_FILL_PITS_M.value,
    recipe=pathlib.Path(_CONFIG.value).read_text(encoding='utf-8'),
  )
  places.print_table(report)
  models = [row for row in rows if 'mae_m_percent' in row]
  print(places.markdown(models, COLUMNS))
  if _JSON.value:
    files.write_json(_JSON.value, report)
  if _FINAL_MINUTES.value:
    print(train(work, None, _SEEDS.value[0], _FINAL_MINUTES.value))


def find(*names):
  """The scenes of places, read anew each time."""
  return places.scenes(_SCENES.value, names)


def start_alone():
  """What the start knows of each place, and of all together."""
  start, zero = (
    places.score(predict, find(*_PLACES.value), places.everything)
    for predict in (places.predict_with(_START.value), places.always(0.0))
  )
  start, zero = (
    figures.pop('places') | {'all places': figures} for figures in (start, zero)
  )
  rows = []
  for place in start:
    rows += [
      {'name': f'{place}, predict 0 m'} | zero[place],
      against({'name': f'{place}, start alone'} | start[place], [zero[place]]),
    ]
  return rows


def rows_of(work, place, kind):
  """All that is scored on one place against one kind of its heights."""
  trivial = places.kept(
    work / f'{place}_{kind}.json', lambda: baselines(work, place, kind)
  )
  rows = [*trivial]
  for seed in _SEEDS.value:
    found = places.kept(
      work / f'{place}_{kind}_{seed}.json',
      lambda seed=seed: left_out(work, place, kind, seed),
    )
    for factor in _HEIGHT_FACTORS.value:
      found += places.kept(
        work / f'{place}_{kind}_{seed}_x{factor}.json',
        lambda seed=seed, factor=factor: multiplied(
          work, place, kind, seed, factor
        ),
      )
    rows += [against(row, trivial) for row in found]
  return rows


def truth(place, kind):
  """The scenes of a place with its heights, or those without pits."""
  radius_m = _FILL_PITS_M.value if kind == 'filled' else 0.0
  return places.filled(find(place), radius_m=radius_m)


def baselines(work, place, kind):
  """What needs no image; the median is that of measured heights."""
  blocks = blocks_of(work, place, fill_pits_m=0.0)
  rows = places.trivial(blocks, lambda: truth(place, kind), places.everything)
  return [row | {'name': name(place, kind, row['name'])} for row in rows]


def left_out(work, place, kind, seed):
  """Trains on every other place and scores this one."""
  path = train(work, place, seed, _MINUTES.value)
  figures = places.score_file(path, truth(place, kind), places.everything)
  return [{'name': name(place, kind, f'heightnet_tf, seed {seed}')} | figures]


def multiplied(work, place, kind, seed, factor):
  """Scores what `left_out` trained with its heights multiplied."""
  figures = places.score_file(
    run_of(work, place, seed) / 'last.keras',
    truth(place, kind),
    places.everything,
    lambda predictor: Multiplied(predictor, float(factor)),
  )
  what = f'heightnet_tf, seed {seed}, x {factor}'
  return [{'name': name(place, kind, what)} | figures]


class Multiplied:
  """A predictor whose heights, its first output, are multiplied."""

  def __init__(self, predictor, factor):
    self._predictor, self._factor = predictor, factor
    self.card, self.fixed_px = predictor.card, predictor.fixed_px

  def __call__(self, image):
    outputs = self._predictor(image)
    heights = outputs[..., :1] * np.float32(self._factor)
    return np.concatenate([heights, outputs[..., 1:]], axis=-1)


def name(place, kind, what):
  """What a row is called."""
  pits = ', pits filled' if kind == 'filled' else ''
  return f'{place} left out{pits}, {what}'


def against(row, trivial):
  """Adds by how much a row's errors differ from the better trivial one's."""
  best = {
    name: min(one[name] for one in trivial) for name in ('mae_m', 'rmse_m')
  }
  return row | {
    f'{name}_percent': 100 * (row[name] / best[name] - 1) for name in best
  }


def blocks_of(work, place, *, fill_pits_m):
  """The folder of what is trained on where a place, or None, is left out."""
  kind = 'filled' if fill_pits_m else 'blocks'
  blocks = work / f'{place or "all"}_{kind}'
  others = [name for name in places.names(_SCENES.value) if name != place]
  places.cut(blocks, find(*others), places.nothing, fill_pits_m=fill_pits_m)
  return blocks


def run_of(work, place, seed):
  """The run folder of a training."""
  return work / f'{place or "all"}_{seed}_run'


def train(work, place, seed, minutes):
  """Trains with the flagfile where a place, or None, is left out."""
  blocks = blocks_of(work, place, fill_pits_m=_FILL_PITS_M.value)
  run = run_of(work, place, seed)
  subprocess.run(
    [
      sys.executable,
      'train_main.py',
      f'--flagfile={_CONFIG.value}',
      f'--data_dir={blocks}',
      f'--extra_data={_EXTRA_DATA.value}',
      f'--load={_START.value}',
      f'--run_dir={run}',
      f'--minutes={minutes}',
      f'--seed={seed}',
    ],
    check=True,
  )
  return run / 'last.keras'


COLUMNS = (
  ('mae_m_percent', 'MAE against the better trivial answer (%)', 1),
  ('rmse_m_percent', 'RMSE against it (%)', 1),
  *places.SPREAD_COLUMNS,
)


if __name__ == '__main__':
  command.run(main)
