r"""Packs a trained model to be shipped with the package.

  python bundle_main.py --model=runs/bundled/last.keras \
    --data_dir=data/train_dataset

Writes height.keras in half precision, height_float16.tflite for tiles of one
size and height_int8.tflite for any into --output, and how far each is from the
trained model, on validation tiles of --data_dir, into parity.json.
"""

import dataclasses

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf.data import sources
from heightnet_tf.export import bundle
from heightnet_tf.export import packing
from heightnet_tf.export import parity
from heightnet_tf.export import tiles
from heightnet_tf.nets import heads
from heightnet_tf.training import model_file

_MODEL = flags.DEFINE_string(
  'model', None, 'The trained .keras file.', short_name='m'
)
_OUTPUT = flags.DEFINE_string(
  'output',
  str(bundled.FOLDER),
  'Folder to write into; by default that of the package.',
  short_name='o',
)
_DATA_DIR = flags.DEFINE_string(
  'data_dir',
  'data/train_dataset',
  'Pairs to calibrate int8 and to check the files on: a folder with imgs/ and '
  'masks/ or heights/.',
)
_VALIDATION = flags.DEFINE_float(
  'validation',
  10.0,
  'Percentage of the pairs to check on, as in training; the rest calibrates '
  'int8. 0: all pairs for both.',
)
_SEED = flags.DEFINE_integer(
  'seed', 0, 'Decides the split, as in training, and which tiles are taken.'
)
_HEIGHT_FACTOR = flags.DEFINE_float(
  'height_factor',
  1.0,
  'Multiplies all heights. Below 1 for a model that goes to places it has not '
  'seen, where it is too sure of itself; benchmarks/left_out.py tells.',
  lower_bound=0.01,
)
_CALIBRATION_TILES = flags.DEFINE_integer(
  'calibration_tiles', 64, 'Tiles that calibrate int8.', lower_bound=1
)
_CHECK_TILES = flags.DEFINE_integer(
  'check_tiles', 64, 'Tiles that every file is checked on.', lower_bound=1
)


def main(argv):
  """Packs, checks, and prints how far each file is from the model."""
  command.reject_leftovers(argv)
  command.require('model', 'output', 'data_dir')
  model, card = model_file.load(_MODEL.value)
  heads.scale_height(model, _HEIGHT_FACTOR.value)
  card = dataclasses.replace(
    card, height_factor=card.height_factor * _HEIGHT_FACTOR.value
  )
  options = tiles.TileOptions(
    window_px=card.window_px,
    calibration=_CALIBRATION_TILES.value,
    check=_CHECK_TILES.value,
    validation_percent=_VALIDATION.value,
    seed=_SEED.value,
  )
  folder_options = sources.FolderOptions(
    image_suffix='', mask_suffix='', height_scale=1.0, height_nodata=None
  )
  source = tiles.open_source(
    _DATA_DIR.value, card, folder_options=folder_options
  )
  calibration, check = tiles.split_tiles(source, card, options)
  export = bundle.Export(
    model=model,
    card=card,
    path=_MODEL.value,
    calibration=calibration,
    check=check,
    sizes=tiles.sized(source, card, options, (*packing.SIDES_PX.values(),)),
  )
  rows = packing.write(export, _OUTPUT.value)
  print(parity.table(rows))


if __name__ == '__main__':
  command.run(main)
