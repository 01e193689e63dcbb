r"""Where the error of a model is: open ground, solid things, or both mixed.

  python benchmarks/error_by_surface.py --model=runs/accuracy/run/last.keras

Sorts known pixels by the share of pixels above 2 m in the 9 x 9 around: below
0.1 is ground, above 0.9 is solid, between is mixed. Prints the error of each
kind and what it adds to the whole, for the test blocks and for those that the
model was trained on; the error of a 9 x 9 mean of the truth itself, which no
smooth answer can beat by much; and that of the test blocks if the model knew
each kind of surface in them as well as in the blocks learned by heart.
"""

import pathlib
import sys

from absl import flags
import numpy as np
from scipy import ndimage

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import places

from heightnet_tf import command

_MODEL = flags.DEFINE_string('model', None, 'Model of any format.')
_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Places to pool.'
)
_SIDE_PX = 9
_KINDS = (('ground', -1.0, 0.1), ('mixed', 0.1, 0.9), ('solid', 0.9, 2.0))


def main(argv):
  """Predicts every scene and prints two tables and three lines."""
  command.reject_leftovers(argv)
  command.require('model')
  predict = places.predict_with(_MODEL.value)
  unseen, seen = {}, {}
  for name, image, height in places.scenes(_SCENES.value, _PLACES.value):
    truth_m = height.pixels[..., 0]
    filled_m = np.where(height.known, truth_m, 0)
    around_m = _mean(filled_m) / np.maximum(_mean(height.known), 1e-3)
    tall = _mean(filled_m > 2)
    errors_m = predict(image)[..., 0] - truth_m, truth_m, around_m - truth_m
    held = places.test_blocks(image.shape)
    place = name.partition('_')[0]
    for kind, low, high in _KINDS:
      own = height.known & (tall >= low) & (tall < high)
      for sums, counted in ((unseen, own & held), (seen, own & ~held)):
        found = np.stack([_sums(error_m[counted]) for error_m in errors_m])
        sums[place, kind] = sums.get((place, kind), 0) + found
  _print_table('Test blocks', unseen)
  _print_table('Blocks trained on', seen)
  as_seen = np.zeros(3)
  for kind, (_, zero, _) in unseen.items():
    model_seen, zero_seen, _ = seen[kind]
    # Of equally many pixels: the count stays that of the test blocks.
    as_seen += zero * model_seen / zero_seen
  print(f'\nTest blocks, known as those trained on: {_told(as_seen)}')


def _print_table(title, sums):
  whole = sum(sums.values())
  (pixels, *_), _, around = whole
  print(f'\n| {title} | share | MAE | predict 0 | adds to MAE | to RMSE^2 |')
  print('| --- | --- | --- | --- | --- | --- |')
  for kind, (model, zero, _) in {**sums, ('all',): whole}.items():
    count, absolute, squared = model
    print(
      f'| {", ".join(kind)} | {count / pixels:.3f} | {absolute / count:.2f} | '
      f'{zero[1] / count:.2f} | {absolute / pixels:.2f} | '
      f'{squared / pixels:.2f} |'
    )
  print(f'\nMean of the truth around: {_told(around)}')


def _sums(error_m):
  """Count, sum of the absolute and of the squared errors."""
  error_m = error_m.astype(np.float64)
  return error_m.size, np.abs(error_m).sum(), (error_m**2).sum()


def _told(sums):
  count, absolute, squared = sums
  return f'MAE {absolute / count:.2f} m, RMSE {np.sqrt(squared / count):.2f} m'


def _mean(values):
  return ndimage.uniform_filter(values.astype(np.float32), _SIDE_PX)


if __name__ == '__main__':
  command.run(main)
