"""Predicts many scenes, or one large one, on many workers with Apache Beam.

Example:
  python batch_main.py --model=runs/demo/best.keras --input='scenes/*.tif' \
    --output=heights/ --direct_num_workers=4 \
    --direct_running_mode=multi_processing

Flags that are not listed here go to Beam as they are: --runner=FlinkRunner,
--runner=SparkRunner, --runner=DataflowRunner and what those take. Images, model
and results must lie where every worker reaches them. A scene that fails does
not stop the others; started again, the command does what is left. Beside
heights that are no GeoTIFF it leaves a small hidden file, by which it knows
them again.
"""

import functools
import pathlib

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf.geo import looks
from heightnet_tf.inference import averaging
from heightnet_tf.inference import jobs
from heightnet_tf.inference import running
from heightnet_tf.inference import scenes

_MODEL = flags.DEFINE_multi_string(
  'model', [bundled.QUICK_MODEL], 'As in predict_main.py.', short_name='m'
)
_INPUT = flags.DEFINE_multi_string(
  'input', [], 'An image, folder, glob or address.', short_name='i'
)
_OUTPUT = flags.DEFINE_multi_string(
  'output', [], 'As in predict_main.py.', short_name='o'
)
_VIZ = flags.DEFINE_bool('viz', False, 'As in predict_main.py.')
_MASK_THRESHOLD = flags.DEFINE_float(
  'mask_threshold', None, 'As in predict_main.py.', short_name='t'
)
_SCALE = flags.DEFINE_float(
  'scale', None, 'As in predict_main.py.', lower_bound=0.01, short_name='s'
)
_WINDOW_PX = flags.DEFINE_integer(
  'window_px', 512, 'Side of the windows of a scene.', lower_bound=1
)
_OVERLAP_PX = flags.DEFINE_integer(
  'overlap_px', 64, 'Overlap of windows.', lower_bound=0
)
_BATCH_SIZE = flags.DEFINE_integer(
  'batch_size', 2, 'Most windows predicted at once.', lower_bound=1
)
_TTA = flags.DEFINE_bool('tta', False, 'As in predict_main.py.')
_DISAGREEMENT = flags.DEFINE_bool(
  'disagreement', False, 'As in predict_main.py.'
)
_GSD_M = flags.DEFINE_float(
  'gsd_m', None, 'As in predict_main.py.', lower_bound=1e-3
)
_BANDS = flags.DEFINE_list('bands', None, 'As in predict_main.py.')
_IMAGE_NODATA = flags.DEFINE_float(
  'image_nodata', None, 'As in predict_main.py.'
)
_ROWS = flags.DEFINE_integer(
  'rows',
  None,
  'Share each scene out, so many rows at a time. Default: whole scenes.',
  lower_bound=1,
)
_JSON = flags.DEFINE_string(
  'json', '', 'What became of each scene. Default: batch.json by the results.'
)


def main(argv):
  """Plans, runs the pipeline and reports."""
  command.require('model', 'input')
  # Says what to do where Beam is not installed.
  from heightnet_tf.inference import batching

  wishes = jobs.Wishes(
    height=True, viz=_VIZ.value, mask=_MASK_THRESHOLD.value is not None
  )
  work = jobs.plan(_INPUT.value, _OUTPUT.value, wishes)
  models = tuple(command.as_list(_MODEL.value))
  fates = batching.run(
    batching.Batch(
      work=work,
      open_predictor=functools.partial(
        averaging.open_averaged,
        models,
        tta=_TTA.value,
        disagreement=_DISAGREEMENT.value,
      ),
      options=_options(models),
      rows=_ROWS.value,
      report=pathlib.Path(
        _JSON.value or work[0].geotiff.with_name('batch.json')
      ),
    ),
    argv[1:],
  )
  for fate in fates:
    print(f'{fate["image"]}: {fate["state"]}. {fate.get("error", "")}'.strip())
  batching.require_done(fates)


def _options(models):
  return running.Options(
    scene=scenes.SceneOptions(
      window_px=_WINDOW_PX.value,
      overlap_px=_OVERLAP_PX.value,
      batch_size=_BATCH_SIZE.value,
      scale=_SCALE.value,
    ),
    gsd_m=_GSD_M.value,
    bands=looks.parse_bands(_BANDS.value),
    nodata=_IMAGE_NODATA.value,
    mask_threshold_m=_MASK_THRESHOLD.value,
    models=tuple(running.digest_of(model) for model in models),
    tta=_TTA.value,
  )


if __name__ == '__main__':
  command.run(main, foreign_flags=True)
