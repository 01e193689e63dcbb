r"""Where the error of a model is: open ground, solid things, or both mixed.

  python benchmarks/error_by_surface.py --model=runs/accuracy/run/last.keras

Sorts the known pixels of the test blocks by the share of pixels above 2 m in
the 9 x 9 around: below 0.1 is ground, above 0.9 is solid, between is mixed.
Prints the error of each kind and what it adds to the whole, and the error of a
9 x 9 mean of the truth itself, which no smooth answer can beat by much.
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
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes

_MODEL = flags.DEFINE_string('model', None, 'Model of any format.')
_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Places to pool.'
)
_SIDE_PX = 9


def main(argv):
  """Predicts every scene and prints two tables."""
  command.reject_leftovers(argv)
  command.require('model')
  predictor = backends.open_predictor(_MODEL.value)
  options = scenes.SceneOptions(
    window_px=512, overlap_px=64, batch_size=2, scale=None
  )
  kinds, oracle, pixels = {}, np.zeros(2), 0
  for name, image, height in places.scenes(_SCENES.value, _PLACES.value):
    truth_m = height.pixels[..., 0]
    held = places.test_blocks(image.shape) & height.known
    error_m = scenes.predict_scene(predictor, image, options) - truth_m
    filled_m = np.where(height.known, truth_m, 0)
    near_m = _mean(filled_m) / np.maximum(_mean(height.known), 1e-3)
    oracle += _sums((near_m - truth_m)[held])
    pixels += held.sum()
    tall = _mean(filled_m > 2)
    place = name.partition('_')[0]
    for kind, low, high in KINDS:
      own = held & (tall >= low) & (tall < high)
      row = kinds.setdefault((place, kind), np.zeros(5))
      row += [own.sum(), *_sums(error_m[own]), *_sums(truth_m[own])]
  print('| | share | MAE | predict 0 | adds to MAE | adds to RMSE^2 |')
  print('| --- | --- | --- | --- | --- | --- |')
  for (place, kind), (count, absolute, squared, zero, _) in kinds.items():
    print(
      f'| {place}, {kind} | {count / pixels:.3f} | {absolute / count:.2f} | '
      f'{zero / count:.2f} | {absolute / pixels:.2f} | {squared / pixels:.2f} |'
    )
  mae_m, rmse_m = oracle[0] / pixels, np.sqrt(oracle[1] / pixels)
  print(f'\nMean of the truth around: MAE {mae_m:.2f} m, RMSE {rmse_m:.2f} m')


def _mean(values):
  return ndimage.uniform_filter(values.astype(np.float32), _SIDE_PX)


def _sums(error_m):
  error_m = error_m.astype(np.float64)
  return np.array([np.abs(error_m).sum(), (error_m**2).sum()])


KINDS = (('ground', -1.0, 0.1), ('mixed', 0.1, 0.9), ('solid', 0.9, 2.0))


if __name__ == '__main__':
  command.run(main)
