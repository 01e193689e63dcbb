r"""Serves a model over HTTP, for a desk or a demonstration.

  python serve_main.py --model=runs/demo/best.keras --port=8501

Answers TensorFlow Serving's REST calls for PNG and JPEG files, shows the viewer
page at / and figures at /metrics. The page runs the model itself: the .tflite
of the same name beside --model, or --page_model.

  python predict_main.py --model=http://localhost:8501/heightnet \
    --input=scene.tif --output=heights.tif

For production there is TensorFlow Serving: export_main.py --format=serving.
"""

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf.inference import backends
from heightnet_tf.web import app
from heightnet_tf.web import running
from heightnet_tf.web import viewer

_MODEL = flags.DEFINE_string(
  'model',
  bundled.MODEL,
  'A .keras or .tflite file or a SavedModel folder; by default the bundled '
  'model.',
  short_name='m',
)
_PAGE_MODEL = flags.DEFINE_string(
  'page_model',
  None,
  'A .tflite file in float32 or float16 for the page; by default the one with '
  'the name of --model beside it.',
)
_HOST = flags.DEFINE_string(
  'host', '127.0.0.1', 'Address to listen on; 0.0.0.0 for all of the machine.'
)
_PORT = flags.DEFINE_integer(
  'port', 8501, 'Port to listen on; 0 for any.', lower_bound=0
)
_MOST_REQUESTS = flags.DEFINE_integer(
  'most_requests', 64, 'Requests in work at once; more get 429.', lower_bound=1
)
_MOST_REQUEST_MB = flags.DEFINE_float(
  'most_request_mb', 24.0, 'Size of a request; larger ones get 413.'
)
_MOST_IMAGES = flags.DEFINE_integer(
  'most_images',
  16,
  'Images of one size that are predicted together, if they are small.',
  lower_bound=1,
)
_WAIT_MS = flags.DEFINE_float(
  'wait_ms', 2.0, 'How long an image waits for others.', lower_bound=0.0
)
_STOP_S = flags.DEFINE_integer(
  'stop_s', 60, 'How long requests in work have to end when it is stopped.'
)


def main(argv):
  """Serves until it is stopped."""
  command.reject_leftovers(argv)
  command.require('model')
  options = app.AppOptions(
    most_requests=_MOST_REQUESTS.value,
    most_bytes=int(_MOST_REQUEST_MB.value * 1e6),
    most_images=_MOST_IMAGES.value,
    wait_s=_WAIT_MS.value / 1e3,
    page_model=viewer.page_model(_MODEL.value, _PAGE_MODEL.value),
  )
  with running.listen(_HOST.value, _PORT.value) as listener:
    application = app.build(backends.open_predictor(_MODEL.value), options)
    running.serve(application, listener, stop_s=_STOP_S.value)


if __name__ == '__main__':
  command.run(main)
