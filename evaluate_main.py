r"""Scores a model on pairs of images and true heights; writes a report.

Any model format (.keras, SavedModel folder, .tflite), tiles or whole scenes:

python evaluate_main.py --model=runs/first/best.keras \
  --data_dir=data/test_dataset --output=report
"""

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.data import sources
from heightnet_tf.evaluation import curves
from heightnet_tf.evaluation import report
from heightnet_tf.evaluation import scoring
from heightnet_tf.heights import bins
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes

_MODEL = flags.DEFINE_string(
  'model', bundled.MODEL, 'Model file or folder; by default the bundled one.'
)
_DATA_DIR = flags.DEFINE_string(
  'data_dir',
  'data/test_dataset',
  'Folder with imgs/ and masks/ (or heights/): tiles or whole scenes.',
)
_DATA = flags.DEFINE_string(
  'data', None, 'tfds:NAME/CONFIG, in place of --data_dir.'
)
_OUTPUT = flags.DEFINE_string(
  'output', 'report', 'Folder for report.html and report.json.'
)
_JSON = flags.DEFINE_string('json', None, 'Write the figures here, too.')
_RUN_DIR = flags.DEFINE_string(
  'run_dir',
  None,
  'Run folder whose training curves to draw; by default that of the model, if '
  'it lies in one.',
)
_SCALE = flags.DEFINE_float(
  'scale',
  None,
  'Factor on the image size; by default from the pixel sizes of image and '
  'model, else as trained.',
  lower_bound=1e-3,
)
_WINDOW_PX = flags.DEFINE_integer(
  'window_px', 512, 'Side of the windows the network sees.', lower_bound=16
)
_OVERLAP_PX = flags.DEFINE_integer(
  'overlap_px', 64, 'Overlap of neighbouring windows.', lower_bound=0
)
_BATCH_SIZE = flags.DEFINE_integer(
  'batch_size', 2, 'Windows predicted at once.', lower_bound=1
)
_IMAGE_SUFFIX = flags.DEFINE_string(
  'image_suffix', '', "End of every image's stem, such as _BAM."
)
_MASK_SUFFIX = flags.DEFINE_string(
  'mask_suffix', '', "End of every height map's stem, such as _AGL."
)
_HEIGHT_SCALE = flags.DEFINE_float(
  'height_scale', 1.0, 'Factor from stored heights to metres; 0.01 for cm.'
)
_HEIGHT_NODATA = flags.DEFINE_float(
  'height_nodata', None, "Stored height that means unknown, beside the file's."
)
_GSD_M = flags.DEFINE_float(
  'gsd_m',
  None,
  'Ground size of a pixel, metres, for images without a georeference.',
  lower_bound=1e-3,
)


def main(argv):
  """Scores the model and writes the report."""
  command.reject_leftovers(argv)
  command.require('model', 'output')
  log_path = curves.find_log(_RUN_DIR.value, _MODEL.value)
  log = curves.read_log(log_path) if log_path else []
  source = sources.open_source(
    _DATA.value or _DATA_DIR.value,
    folder_options=sources.FolderOptions(
      image_suffix=_IMAGE_SUFFIX.value,
      mask_suffix=_MASK_SUFFIX.value,
      height_scale=_HEIGHT_SCALE.value,
      height_nodata=_HEIGHT_NODATA.value,
    ),
  )
  options = scoring.ScoreOptions(
    scene=scenes.SceneOptions(
      window_px=_WINDOW_PX.value,
      overlap_px=_OVERLAP_PX.value,
      batch_size=_BATCH_SIZE.value,
      scale=_SCALE.value,
    ),
    edges_m=bins.REPORT_EDGES_M,
    gsd_m=_GSD_M.value,
  )
  predictor = backends.open_predictor(_MODEL.value)
  result = scoring.score(predictor, source, options)
  described = report.describe(
    result, model_path=_MODEL.value, source=source, options=options
  )
  page_path = report.write(_OUTPUT.value, result, described, log)
  if _JSON.value:
    files.write_json(_JSON.value, described)
  print(report.text_table(described))
  print(f'Report: {page_path}')


if __name__ == '__main__':
  command.run(main)
