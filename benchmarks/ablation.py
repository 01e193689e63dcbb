r"""What each choice of the bundled recipe is worth on places never seen.

  python benchmarks/ablation.py --start=runs/start_3/last.keras \
    --extra_data=data/wide/train_dataset --fill_pits_m=1.8 --json=ablation.json

Trains the recipe of --config and, for each choice in it, the same without that
choice: for every seed and every place left out, with --steps steps each. Scores
the place left out against its heights as they were measured. The table tells by
how much errors differ from those of the whole recipe with the same seed, as a
mean over the places: the mean of the seeds, and how far seeds lie apart. Seed
follows seed, so that an interrupted run, which goes on where it was, has a
whole table of fewer seeds; --only_table prints it.
"""

import concurrent.futures
import os
import pathlib
import statistics
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
  'extra_data', None, 'Made-up pairs to train on beside the real ones.'
)
_CONFIG = flags.DEFINE_string(
  'config', 'configs/bundled.cfg', 'Flagfile for train_main.py.'
)
_FILL_PITS_M = flags.DEFINE_float(
  'fill_pits_m', 1.8, 'As in prepare_main.py, of what is trained on.'
)
_STEPS = flags.DEFINE_integer('steps', 120, 'Training steps of each run.')
_SEEDS = flags.DEFINE_list('seeds', ['0', '1', '2'], 'One after the other.')
_WORKERS = flags.DEFINE_integer('workers', 2, 'Runs at once, a core for each.')
_ONLY_TABLE = flags.DEFINE_bool('only_table', False, 'Train nothing more.')
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/ablation', 'Where tiles, runs and results are kept.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')

WHOLE = 'the whole recipe'
# Name of what differs, to the flags that do it.
CHOICES = {
  WHOLE: [],
  'from ImageNet, not from the made-up world': [
    '--load=',
    '--encoder_weights=imagenet',
  ],
  'no made-up crops beside the real ones': ['--extra_data='],
  'weights of the inverse root (power 0.5)': ['--weight_power=0.5'],
  'all heights weighted alike': ['--weighting=none'],
  'pits in tree crowns as they were measured': [],
  'no change of light and colour': [
    '--brightness=0',
    '--contrast=0',
    '--gamma=0',
    '--colour=0',
    '--mixing=0',
  ],
  'no blur, noise or JPEG': ['--blur=0', '--noise=0', '--jpeg=0'],
  'no change of scale': ['--scale_jitter=0'],
  'crops of 128 pixels, as many pixels in a step': [
    '--crop_px=128',
    '--batch_size=9',
  ],
  'encoder at the full learning rate': ['--encoder_learning_rate_factor=1'],
  'heights without a spread (L1)': ['--nouncertainty'],
}
_MEASURED = 'pits in tree crowns as they were measured'


def main(argv):
  """Trains, scores and prints one table."""
  command.reject_leftovers(argv)
  command.require('start', 'extra_data')
  work = pathlib.Path(_WORK_DIR.value)
  for place in _PLACES.value:
    for choice in (WHOLE, _MEASURED):
      cut(work, place, choice)
  if not _ONLY_TABLE.value:
    train_and_score(work)
  rows = rows_of(found_in(work))
  print(places.markdown(rows, COLUMNS))
  if _JSON.value:
    told = places.report(rows, steps=_STEPS.value)
    files.write_json(_JSON.value, told)


def runs():
  """Yields (seed, choice, place) of every run, in their order."""
  for seed in _SEEDS.value:
    for choice in CHOICES:
      for place in _PLACES.value:
        yield seed, choice, place


def folder(work, seed, choice, place):
  """Where a run and its figures lie."""
  number = list(CHOICES).index(choice)
  return work / f'{seed}_{number:02d}_{place}'


def cut(work, place, choice):
  """The folder of what is trained on where a place is left out."""
  radius_m = 0.0 if choice == _MEASURED else _FILL_PITS_M.value
  blocks = work / f'{place}_{"filled" if radius_m else "measured"}'
  others = [name for name in places.names(_SCENES.value) if name != place]
  found = places.scenes(_SCENES.value, others)
  places.cut(blocks, found, places.nothing, fill_pits_m=radius_m)
  return blocks


def train_and_score(work):
  """Does what is not done yet, several runs at once."""
  with concurrent.futures.ThreadPoolExecutor(_WORKERS.value) as pool:
    waiting = [pool.submit(figures, work, *one) for one in runs()]
    try:
      for done in concurrent.futures.as_completed(waiting):
        done.result()
    except BaseException:
      pool.shutdown(cancel_futures=True)
      raise


def figures(work, seed, choice, place):
  """The figures of one run."""
  run = folder(work, seed, choice, place)

  def make():
    train(cut(work, place, choice), run, seed, CHOICES[choice])
    truth = places.scenes(_SCENES.value, [place])
    return places.score_file(run / 'last.keras', truth, places.everything)

  return places.kept(run.with_suffix('.json'), make)


def train(blocks, run, seed, changes):
  """Trains with the flagfile and what differs from it, on one core."""
  workers = str(max(1, (os.cpu_count() or 1) // _WORKERS.value))
  flagged = [
    f'--flagfile={_CONFIG.value}',
    f'--data_dir={blocks}',
    f'--extra_data={_EXTRA_DATA.value}',
    f'--load={_START.value}',
    f'--run_dir={run}',
    '--epochs=1',
    f'--steps_per_epoch={_STEPS.value}',
    f'--seed={seed}',
    *changes,
  ]
  log = run.with_suffix('.log')
  log.parent.mkdir(parents=True, exist_ok=True)
  with log.open('w') as stream:
    subprocess.run(
      [sys.executable, 'train_main.py', *flagged],
      check=True,
      stdout=stream,
      stderr=stream,
      env=os.environ
      | {'OMP_NUM_THREADS': workers, 'TF_NUM_INTRAOP_THREADS': workers},
    )


def found_in(work):
  """Figures of every finished run, by (seed, choice, place)."""
  paths = {one: folder(work, *one).with_suffix('.json') for one in runs()}
  return {
    one: places.kept(path, dict) for one, path in paths.items() if path.exists()
  }


def rows_of(found):
  """A row for each choice: its errors against those of the whole recipe.

  Args:
    found: figures by (seed, choice, place).

  Returns:
    Rows with the means of figures over places and seeds, and `mae_change`,
    `rmse_change` and their spreads, percent; of seeds that have every place
    both of the choice and of the whole recipe.
  """
  rows = []
  for choice in CHOICES:
    seeds = [seed for seed in _SEEDS.value if _whole(found, seed, choice)]
    row = {'name': choice, 'seeds': len(seeds)}
    for name in MEANS if seeds else ():
      row[name] = statistics.mean(
        found[seed, choice, place][name]
        for seed in seeds
        for place in _PLACES.value
      )
    for name in CHANGED if seeds else ():
      changes = [_change(found, seed, choice, name) for seed in seeds]
      # The whole recipe differs from itself in seeds alone.
      if choice == WHOLE:
        changes = _apart(found, seeds, name)
      kind = name.removesuffix('_m')
      row[f'{kind}_change'] = statistics.mean(changes)
      row[f'{kind}_spread'] = (
        statistics.stdev(changes) if len(changes) > 1 else None
      )
    rows.append(row)
  return rows


def _whole(found, seed, choice):
  """Whether a seed has all places of a choice and of the recipe."""
  return all(
    (seed, one, place) in found
    for one in (choice, WHOLE)
    for place in _PLACES.value
  )


def _change(found, seed, choice, name):
  """Percent by which a choice's error differs, as a mean over places."""
  return statistics.mean(
    100 * (found[seed, choice, place][name] / found[seed, WHOLE, place][name])
    - 100
    for place in _PLACES.value
  )


def _apart(found, seeds, name):
  """Percent by which each seed's error differs from the mean of seeds."""
  means = {
    place: statistics.mean(found[seed, WHOLE, place][name] for seed in seeds)
    for place in _PLACES.value
  }
  return [
    statistics.mean(
      100 * found[seed, WHOLE, place][name] / means[place] - 100
      for place in _PLACES.value
    )
    for seed in seeds
  ]


CHANGED = 'mae_m', 'rmse_m'
MEANS = *CHANGED, 'bias_m', 'mae_20m_up_m', 'correlation', 'f1_1m'
COLUMNS = (
  ('mae_m', 'MAE (m)', 2),
  ('mae_change', 'MAE (%)', 1),
  ('mae_spread', '± (%)', 1),
  ('rmse_m', 'RMSE (m)', 2),
  ('rmse_change', 'RMSE (%)', 1),
  ('rmse_spread', '± (%)', 1),
  ('bias_m', 'bias (m)', 2),
  ('mae_20m_up_m', 'MAE from 20 m up (m)', 1),
  ('correlation', 'correlation', 2),
  ('f1_1m', 'F1 at 1 m', 2),
  ('seeds', 'seeds', 0),
)


if __name__ == '__main__':
  command.run(main)
