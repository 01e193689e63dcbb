"""Requests that TensorFlow Serving runs on a model before it takes any other.

The first request of each signature is slow: memory is claimed and kernels are
chosen. https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

import io
import pathlib

import numpy as np
import PIL.Image
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import prediction_log_pb2

from heightnet_tf import model_card
from heightnet_tf.inference import predict_requests
from heightnet_tf.inference import served

FILE_NAME = 'tf_serving_warmup_requests'


def write(folder, card: model_card.ModelCard, image: np.ndarray, *, name):
  """Adds requests for every signature to a SavedModel.

  Args:
    folder: of the SavedModel.
    card: of the model.
    image: float32 [H, W, C], 0-255, a real tile.
    name: of the model on the server.
  """
  folder = pathlib.Path(folder)
  path = folder / 'assets.extra' / FILE_NAME
  path.parent.mkdir(exist_ok=True)
  with tf.io.TFRecordWriter(str(path)) as writer:
    for signature, keys, _ in signatures_of(folder):
      for inputs in _inputs(keys, card, image):
        log = prediction_log_pb2.PredictionLog()
        log.predict_log.request.CopyFrom(
          predict_requests.build(name, signature, inputs)
        )
        writer.write(log.SerializeToString())


def signatures_of(folder) -> list[tuple[str, list[str], list[str]]]:
  """Reads the names of all signatures, of their inputs and their outputs."""
  content = (pathlib.Path(folder) / 'saved_model.pb').read_bytes()
  graph = saved_model_pb2.SavedModel.FromString(content).meta_graphs[0]
  return [
    (name, sorted(signature.inputs), sorted(signature.outputs))
    for name, signature in sorted(graph.signature_def.items())
    if signature.inputs
  ]


def _inputs(keys, card, image):
  """Yields the inputs of one request, or of one for each kind of file."""
  values = {
    'image': image[None].astype(np.float32),
    'ask': served.one_string(b'card'),
  }
  if card.gsd_m is not None:
    values['gsd_m'] = np.array([card.gsd_m], np.float32)
  if 'image_bytes' not in keys:
    yield {key: values[key] for key in keys}
    return
  for kind in ('png', 'jpeg') if len(card.bands) in (1, 3) else ('png',):
    values['image_bytes'] = served.one_string(_file(image, kind))
    yield {key: values[key] for key in keys}


def _file(image, kind):
  pixels = image.round().astype(np.uint8)
  if pixels.shape[2] == 1:
    pixels = pixels[..., 0]
  buffer = io.BytesIO()
  PIL.Image.fromarray(pixels).save(buffer, kind)
  return buffer.getvalue()
