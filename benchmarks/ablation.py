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

import functools
import pathlib
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import choices
import places

from heightnet_tf import command

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
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/ablation', 'Where tiles, runs and results are kept.'
)

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
  for place in choices.PLACES.value:
    for choice in (WHOLE, _MEASURED):
      cut(work, place, choice)
  jobs = [functools.partial(figures, work, *one) for one in runs()]
  find = functools.partial(found_in, work)
  choices.compare(CHOICES, jobs, find, steps=_STEPS.value)


def runs():
  """Yields (seed, choice, place) of every run, in their order."""
  for seed in choices.SEEDS.value:
    for choice in CHOICES:
      for place in choices.PLACES.value:
        yield seed, choice, place


def folder(work, seed, choice, place):
  """Where a run and its figures lie."""
  number = list(CHOICES).index(choice)
  return work / f'{seed}_{number:02d}_{place}'


def cut(work, place, choice):
  """The folder of what is trained on where a place is left out."""
  radius_m = 0.0 if choice == _MEASURED else _FILL_PITS_M.value
  blocks = work / f'{place}_{"filled" if radius_m else "measured"}'
  others = [
    name for name in places.names(choices.SCENES.value) if name != place
  ]
  found = places.scenes(choices.SCENES.value, others)
  places.cut(blocks, found, places.nothing, fill_pits_m=radius_m)
  return blocks


def figures(work, seed, choice, place):
  """The figures of one run, made unless they are there."""
  run = folder(work, seed, choice, place)

  def make():
    flagged = [
      f'--flagfile={_CONFIG.value}',
      f'--data_dir={cut(work, place, choice)}',
      f'--extra_data={_EXTRA_DATA.value}',
      f'--load={_START.value}',
      '--epochs=1',
      f'--steps_per_epoch={_STEPS.value}',
      f'--seed={seed}',
      *CHOICES[choice],
    ]
    choices.train(run, flagged)
    truth = places.scenes(choices.SCENES.value, [place])
    return places.score_file(run / 'last.keras', truth, places.everything)

  return places.kept(run.with_suffix('.json'), make)


def found_in(work):
  """Figures of every finished run, by (seed, choice, place)."""
  paths = {one: folder(work, *one).with_suffix('.json') for one in runs()}
  return {
    one: places.kept(path, dict) for one, path in paths.items() if path.exists()
  }


if __name__ == '__main__':
  command.run(main)
