"""Whole scenes, as a process of benchmarks/speed.py that does one job.

Beside speed_ours.py, which loads TensorFlow: predict_main.py does without where
the model is a `.tflite`.
"""

import pathlib
import sys

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import speed_loop

from heightnet_tf.inference import backends
from heightnet_tf.inference import results
from heightnet_tf.inference import running
from heightnet_tf.inference import scenes


def scene(model, source, output):
  """A scene from file to file as predict_main.py does it, the model loaded."""
  predictor = backends.open_predictor(model)
  options = running.Options(
    scene=scenes.SceneOptions(
      window_px=512, overlap_px=64, batch_size=2, scale=None
    ),
    gsd_m=None,
    bands=None,
    nodata=None,
    mask_threshold_m=None,
    models=(running.digest_of(model),),
    tta=False,
  )
  job = results.Job(
    image=source, height=pathlib.Path(output), viz=None, mask=None
  )

  def run():
    running.run(job, predictor, options)

  run()
  return run, {'way': pathlib.Path(model).name}


if __name__ == '__main__':
  speed_loop.serve({'scene': scene})
