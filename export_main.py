r"""Exports a trained model for servers and for the edge.

  python export_main.py --model=runs/heights/best.keras --output=exports \
    --format=saved_model,tflite

Writes a SavedModel into --output/heightnet/VERSION, which TensorFlow Serving
takes with --model_base_path=--output/heightnet (--format=serving adds its
configuration, a compose file and warm-up requests), and height_*.tflite in
float32, float16, dynamic-range int8, int8 and all-integer int8; in several
sizes with --tflite_px=256,512,0. Each file is loaded by its own runtime and
compared with the Keras model on validation tiles of --data_dir, as many of them
of tall things as of low ones; the table is printed and stored as
--output/parity.json. Where int8 changes the error too much, more of the last
layers stay in float; files that still do are not written.
"""

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.data import sources
from heightnet_tf.export import bundle
from heightnet_tf.export import parity
from heightnet_tf.export import tiles
from heightnet_tf.training import model_file

_MODEL = flags.DEFINE_string(
  'model',
  bundled.MODEL,
  'The .keras file to export; by default the bundled one.',
  short_name='m',
)
_OUTPUT = flags.DEFINE_string(
  'output', None, 'Folder to write into.', short_name='o'
)
_FORMAT = flags.DEFINE_list(
  'format',
  list(bundle.DEFAULT_FORMATS),
  'What to write: saved_model, tflite, or serving: a SavedModel with all that '
  'TensorFlow Serving is started with.',
)
_DATA_DIR = flags.DEFINE_string(
  'data_dir',
  None,
  'Pairs to calibrate int8 and to check the files on: a folder with imgs/ '
  'and masks/, or tfds:NAME/CONFIG. Default: data/train_dataset or, if that is '
  'not there, made-up ones.',
)
_IMAGE_SUFFIX = flags.DEFINE_string(
  'image_suffix', '', 'What image stems end in beyond the shared name.'
)
_MASK_SUFFIX = flags.DEFINE_string(
  'mask_suffix', '', 'What height stems end in beyond the shared name.'
)
_HEIGHT_SCALE = flags.DEFINE_float(
  'height_scale', 1.0, 'Metres per unit of the height maps: 0.01 for cm.'
)
_HEIGHT_NODATA = flags.DEFINE_float(
  'height_nodata', None, 'Value that means unknown, beside the file tag.'
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
_WINDOW_PX = flags.DEFINE_integer(
  'window_px',
  None,
  'Side of the tiles to calibrate and to check on, and the fixed input size of '
  'the .tflite files; by default the training crop.',
  lower_bound=1,
)
_TFLITE_PX = flags.DEFINE_list(
  'tflite_px',
  [],
  'Input sizes of the .tflite files, such as 256,512,0, each a set of files '
  'whose names tell the size: height_int8_256.tflite. 0: any multiple of what '
  'the network halves, height_int8_any.tflite. Default: one, --window_px.',
)
_CALIBRATION_TILES = flags.DEFINE_integer(
  'calibration_tiles', 32, 'Tiles that calibrate int8.', lower_bound=1
)
_CHECK_TILES = flags.DEFINE_integer(
  'check_tiles', 32, 'Tiles that every file is checked on.', lower_bound=1
)
_MAX_MAE_CHANGE_M = flags.DEFINE_float(
  'max_mae_change_m',
  None,
  'Largest change of MAE, metres, for every file. By default 0.001 for '
  'float32, 0.01 for float16 and 0.1 for int8.',
  lower_bound=0.0,
)
_MAX_TALL_MAE_CHANGE_M = flags.DEFINE_float(
  'max_tall_mae_change_m',
  None,
  'The same where truth is at least 20 m. By default 0.5.',
  lower_bound=0.0,
)
_LICENCE = flags.DEFINE_string(
  'licence', None, 'Licence of the model, for the metadata of .tflite files.'
)
_JSON = flags.DEFINE_string('json', None, 'Write the table to this file too.')


def _folder_options():
  return sources.FolderOptions(
    image_suffix=_IMAGE_SUFFIX.value,
    mask_suffix=_MASK_SUFFIX.value,
    height_scale=_HEIGHT_SCALE.value,
    height_nodata=_HEIGHT_NODATA.value,
  )


def _tile_options(card):
  return tiles.TileOptions(
    window_px=_WINDOW_PX.value or card.window_px,
    calibration=_CALIBRATION_TILES.value,
    check=_CHECK_TILES.value,
    validation_percent=_VALIDATION.value,
    seed=_SEED.value,
  )


def main(argv):
  """Exports, checks, and prints how far each file is from the model."""
  command.reject_leftovers(argv)
  command.require('model', 'output')
  sizes_px = tiles.parse_sizes(_TFLITE_PX.value)
  model, card = model_file.load(_MODEL.value)
  source = tiles.open_source(
    _DATA_DIR.value, card, folder_options=_folder_options()
  )
  options = _tile_options(card)
  calibration, check = tiles.split_tiles(source, card, options)
  export = bundle.Export(
    model=model,
    card=card,
    path=_MODEL.value,
    calibration=calibration,
    check=check,
    sizes=tiles.sized(source, card, options, sizes_px),
    licence=_LICENCE.value,
  )
  figures = bundle.write(
    export,
    _OUTPUT.value,
    _FORMAT.value,
    max_mae_change_m=_MAX_MAE_CHANGE_M.value,
    max_tall_mae_change_m=_MAX_TALL_MAE_CHANGE_M.value,
  )
  print(parity.table(bundle.rows_of(figures)))
  if _JSON.value:
    files.write_json(_JSON.value, figures)


if __name__ == '__main__':
  command.run(main)
