r"""What each part of the made-up world's variety is worth on real places.

  python benchmarks/variety.py --json=variety.json

Makes --tiles tiles of the world and, for each part of its variety, the same
tiles without that part; trains on each alone with --config, from an encoder
that knows photographs, --steps steps for every seed; scores the real places,
none of which was trained on. The table tells by how much errors differ from
those of the whole world with the same seed, as a mean over the places. An
interrupted run goes on where it was; --only_table prints what is there.
"""

import functools
import os
import pathlib
import subprocess
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import choices
import places

from heightnet_tf import command
from heightnet_tf.data.synthetic_city import variety

_CONFIG = flags.DEFINE_string(
  'config', 'configs/start.cfg', 'Flagfile for train_main.py.'
)
_WORLD = flags.DEFINE_string(
  'world', 'configs/world.cfg', 'Flagfile for synthesize_main.py.'
)
_TILES = flags.DEFINE_integer('tiles', 300, 'Made-up tiles of each world.')
_STEPS = flags.DEFINE_integer('steps', 200, 'Training steps of each run.')
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/variety', 'Where tiles, runs and results are kept.'
)

WHOLE = 'the whole world'
# Name of what differs, to the names in `variety` that are left out.
CHOICES = {
  WHOLE: [],
  **{f'without {part}': [part] for part in variety.PARTS},
  'without plants and malls (works)': ['works'],
  'without old towns and packed quarters': ['oldtown', 'dense'],
  'without villages, farmland and wilds': ['village', 'farmland', 'wild'],
}


def main(argv):
  """Makes worlds, trains, scores and prints one table."""
  command.reject_leftovers(argv)
  work = pathlib.Path(_WORK_DIR.value)
  if not choices.ONLY_TABLE.value:
    for choice in CHOICES:
      make_world(work, choice)
  jobs = [functools.partial(figures, work, *one) for one in runs()]
  find = functools.partial(found_in, work)
  facts = {'steps': _STEPS.value, 'tiles': _TILES.value}
  choices.compare(CHOICES, jobs, find, **facts)


def runs():
  """Yields (seed, choice) of every run, in their order."""
  for seed in choices.SEEDS.value:
    for choice in CHOICES:
      yield seed, choice


def found_in(work):
  """Figures of every finished run, by (seed, choice, place)."""
  return {
    (seed, choice, place): of_place
    for seed, choice in runs()
    if stem(work, seed, choice).with_suffix('.json').exists()
    for place, of_place in figures(work, seed, choice)['places'].items()
  }


def stem(work, seed, choice):
  """Where a run and its figures lie."""
  return work / f'{seed}_{list(CHOICES).index(choice):02d}'


def world(work, choice):
  """Where the tiles lie that a choice is trained on."""
  return work / f'world_{list(CHOICES).index(choice):02d}'


def make_world(work, choice):
  """Makes the tiles of a choice unless they are there."""
  ordered = [
    f'--flagfile={_WORLD.value}',
    f'--train_tiles={_TILES.value}',
    f'--without={",".join(CHOICES[choice])}',
    f'--output={world(work, choice)}',
    f'--processes={os.cpu_count()}',
  ]
  subprocess.run([sys.executable, 'synthesize_main.py', *ordered], check=True)


def figures(work, seed, choice):
  """The figures of one run, made unless they are there."""
  run = stem(work, seed, choice)

  def make():
    flagged = [
      f'--flagfile={_CONFIG.value}',
      f'--data_dir={world(work, choice)}/train_dataset',
      '--epochs=1',
      f'--steps_per_epoch={_STEPS.value}',
      f'--seed={seed}',
    ]
    choices.train(run, flagged)
    truth = places.scenes(choices.SCENES.value, choices.PLACES.value)
    return places.score_file(run / 'last.keras', truth, places.everything)

  return places.kept(run.with_suffix('.json'), make)


if __name__ == '__main__':
  command.run(main)
