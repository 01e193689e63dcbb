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
# Columns of the sums of a kind: pixels; absolute and squared errors of the
# model, of 0 m, of the mean of the truth around.
_COUNT, _MODEL_SUMS, _ZERO_SUMS, _MEAN_SUMS = (
  0,
  slice(1, 3),
  slice(3, 5),
  slice(5, 7),
)


def main(argv):
  """Predicts every scene and prints two tables."""
  command.reject_leftovers(argv)
  command.require('model')
  predict = places.predict_with(_MODEL.value)
  unseen, seen = {}, {}
  for name, image, height in places.scenes(_SCENES.value, _PLACES.value):
    truth_m = height.pixels[..., 0]
    error_m = predict(image)[..., 0] - truth_m
    held = places.test_blocks(image.shape)
    place = name.partition('_')[0]
    for sums, counted in ((unseen, held), (seen, ~held)):
      _add(sums, place, truth_m, error_m, counted & height.known)
  _print_table('Test blocks', unseen)
  _print_table('Blocks trained on', seen)
  errors = sum(
    sums[_ZERO_SUMS] * seen[kind][_MODEL_SUMS] / seen[kind][_ZERO_SUMS]
    for kind, sums in unseen.items()
  )
  pixels = sum(sums[_COUNT] for sums in unseen.values())
  print(f'\nTest blocks, known as those trained on: {_told(errors, pixels)}')


def _add(sums, place, truth_m, error_m, counted):
  """Adds the errors of a scene to those of its kinds of surface."""
  known = np.isfinite(truth_m)
  filled_m = np.where(known, truth_m, 0)
  near_m = _mean(filled_m) / np.maximum(_mean(known), 1e-3)
  tall = _mean(filled_m > 2)
  for kind, low, high in _KINDS:
    own = counted & (tall >= low) & (tall < high)
    found = [own.sum()]
    for wrong_m in (error_m, truth_m, near_m - truth_m):
      off = wrong_m[own].astype(np.float64)
      found += [np.abs(off).sum(), (off**2).sum()]
    sums[place, kind] = sums.get((place, kind), 0) + np.array(found)


def _print_table(title, sums):
  whole = sum(sums.values())
  pixels = whole[_COUNT]
  print(f'\n| {title} | share | MAE | predict 0 | adds to MAE | to RMSE^2 |')
  print('| --- | --- | --- | --- | --- | --- |')
  for kind, of_kind in {**sums, ('all',): whole}.items():
    count, absolute, squared, zero, *_ = of_kind
    print(
      f'| {", ".join(kind)} | {count / pixels:.3f} | {absolute / count:.2f} | '
      f'{zero / count:.2f} | {absolute / pixels:.2f} | {squared / pixels:.2f} |'
    )
  print(f'\nMean of the truth around: {_told(whole[_MEAN_SUMS], pixels)}')


def _told(sums, pixels):
  mae_m, mean_square = sums / pixels
  return f'MAE {mae_m:.2f} m, RMSE {np.sqrt(mean_square):.2f} m'


def _mean(values):
  return ndimage.uniform_filter(values.astype(np.float32), _SIDE_PX)


if __name__ == '__main__':
  command.run(main)
