"""The model formats that can be predicted with.

TensorFlow is imported where it is used: a `.tflite` model starts without it.
"""

import collections
import os
import pathlib

import numpy as np

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import remote

_SIGNATURE = 'serving_default'
_INPUT = 'image'
# Sizes of image that a `.tflite` stays ready for, each with memory of its own,
# 130 MB for 512 x 512 pixels: the windows of a row have up to three.
_PREPARED = 3


class KerasPredictor:
  """A Keras model; see `predictor.Predictor`."""

  fixed_px = None

  def __init__(self, model, card: model_card.ModelCard):
    """Compiles the model.

    Args:
      model: keras.Model, image [N, H, W, C] to a map for each of
        `card.outputs`.
      card: what the model file says of the model.
    """
    import tensorflow as tf

    self.card = card
    # One trace for images of every size: each anew would take seconds, and
    # known sizes make it no faster.
    self._predict = tf.function(
      lambda image: joined(model(image, training=False), card.outputs),
      input_signature=[tf.TensorSpec((None, None, None, len(card.bands)))],
      autograph=False,
    )

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Predicts heights; see `predictor.Predictor`."""
    return _on_stride(self._predict, image, self.card.stride_px)


class SavedModelPredictor:
  """An exported SavedModel; see `predictor.Predictor`."""

  def __init__(self, loaded, card: model_card.ModelCard):
    """Wraps a loaded SavedModel.

    Args:
      loaded: it has a signature that takes float32 `image` and gives
        `card.outputs`.
      card: what the model file says of the model.
    """
    # A signature does not keep its model's variables alive.
    self._loaded = loaded
    self.card = card
    self._signature = loaded.signatures[_SIGNATURE]
    inputs = self._signature.structured_input_signature[1]
    self.fixed_px = inputs[_INPUT].shape[1]

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Predicts heights; see `predictor.Predictor`."""
    return _on_stride(
      self._predict, image, self.fixed_px or self.card.stride_px
    )

  def _predict(self, image):
    import tensorflow as tf

    outputs = self._signature(**{_INPUT: tf.constant(image)})
    return joined(outputs, self.card.outputs)


class LiteRtPredictor:
  """A `.tflite` model run by LiteRT; see `predictor.Predictor`.

  Takes and gives float32 or any integer type, by the model's own quantisation
  parameters. Images go through one by one.
  """

  def __init__(self, open_interpreter, card: model_card.ModelCard):
    """Opens a first interpreter.

    Args:
      open_interpreter: () -> ai_edge_litert Interpreter of the model.
      card: what the model file says of the model.
    """
    self.card = card
    self._open = open_interpreter
    self._spare = open_interpreter()
    self._input = self._spare.get_input_details()[0]
    outputs = self._spare.get_output_details()
    self._outputs = [
      next((output for output in outputs if name in output['name']), outputs[k])
      for k, name in enumerate(card.outputs)
    ]
    side = int(self._input['shape_signature'][1])
    self.fixed_px = None if side < 0 else side
    # To prepare one for another size takes a third of the time of a window.
    self._of_shape = collections.OrderedDict()

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Predicts heights; see `predictor.Predictor`."""
    return _on_stride(
      lambda padded: np.concatenate([self._one(one) for one in padded]),
      image,
      self.fixed_px or self.card.stride_px,
    )

  def _one(self, image):
    """Predicts one float32 [H, W, C]; float32 [1, H, W, K]."""
    interpreter = self._prepared(image.shape)
    interpreter.set_tensor(
      self._input['index'], _quantised(image[None], self._input)
    )
    interpreter.invoke()
    maps = [
      _dequantised(interpreter.get_tensor(output['index']), output)
      for output in self._outputs
    ]
    return np.concatenate(maps, axis=-1)

  def _prepared(self, shape):
    """An interpreter that is ready for images of a shape."""
    if shape not in self._of_shape:
      interpreter, self._spare = self._spare, None
      if interpreter is None:
        full = len(self._of_shape) == _PREPARED
        interpreter = (
          self._of_shape.popitem(last=False)[1] if full else self._open()
        )
      interpreter.resize_tensor_input(self._input['index'], (1, *shape))
      interpreter.allocate_tensors()
      self._of_shape[shape] = interpreter
    self._of_shape.move_to_end(shape)
    return self._of_shape[shape]


def open_predictor(path) -> predictors.Predictor:
  """Opens a model file of any format.

  Args:
    path: a `.keras` or `.tflite` file or a SavedModel folder; a folder of
      versions opens the newest. Or the address of a served model, as
      `remote.open_predictor` takes it.

  Returns:
    The model, ready to predict.

  Raises:
    errors.ModelFileError: missing, damaged or not a model of this project.
    errors.ServerError: a server does not answer.
  """
  if '://' in str(path):
    return remote.open_predictor(str(path))
  path = pathlib.Path(path)
  kind = 'folder' if path.is_dir() else path.suffix.lower()
  if not path.exists():
    raise errors.ModelFileError(
      f'No model at {path}. Expected a .keras or .tflite file or a SavedModel '
      'folder.'
    )
  if kind not in OPENERS:
    raise errors.ModelFileError(
      f'{path} is not a kind of model this project reads. Expected a .keras '
      'or .tflite file or a SavedModel folder.'
    )
  return OPENERS[kind](path)


def _open_keras(path):
  # A foreign file is told apart without waiting for TensorFlow.
  model_card.read(path)
  from heightnet_tf.training import model_file

  return KerasPredictor(*model_file.load(path))


def _open_saved_model(path):
  folder = _newest_version(path)
  card = model_card.read(folder)
  import tensorflow as tf

  try:
    return SavedModelPredictor(tf.saved_model.load(str(folder)), card)
  except Exception as error:  # TensorFlow raises many kinds on a damaged file
    raise _damaged(folder, error) from error


def _newest_version(path):
  """Finds the SavedModel in `path`, in its newest version or in heightnet/."""
  if (path / 'saved_model.pb').exists():
    return path
  versions = [
    found.parent
    for found in path.glob('*/saved_model.pb')
    if found.parent.name.isdigit()
  ]
  if versions:
    return max(versions, key=lambda version: int(version.name))
  if (path / 'heightnet').is_dir():
    return _newest_version(path / 'heightnet')
  raise errors.ModelFileError(
    f'No SavedModel in the folder {path}. Expected saved_model.pb in it or in '
    'a numbered version folder.'
  )


def _open_litert(path):
  card = model_card.read(path)
  from ai_edge_litert import interpreter as litert

  try:
    return LiteRtPredictor(
      lambda: litert.Interpreter(
        model_path=str(path), num_threads=os.cpu_count()
      ),
      card,
    )
  except (ValueError, RuntimeError, IndexError) as error:
    raise _damaged(path, error) from error


def _damaged(path, error):
  reason = str(error).strip().split('\n', maxsplit=1)[0]
  return errors.ModelFileError(
    f'{path} is damaged or not a height model ({reason}). Expected a file '
    'that export_main.py wrote; export it again.'
  )


def joined(outputs, names):
  """Puts what a model returns into one tensor.

  Args:
    outputs: a dict, a list or one tensor of maps [N, H, W, .].
    names: of the outputs wanted, in order.

  Returns:
    float32 [N, H, W, K].
  """
  import tensorflow as tf

  if isinstance(outputs, dict):
    outputs = [outputs[name] for name in names]
  elif not isinstance(outputs, list | tuple):
    outputs = [outputs]
  return tf.concat(outputs, axis=-1)[..., : len(names)]


def _on_stride(predict, image, stride_px):
  """Pads to multiples of the stride by reflection, predicts and crops back."""
  height, width = image.shape[1:3]
  padded = np.pad(
    image.astype(np.float32),
    ((0, 0), (0, -height % stride_px), (0, -width % stride_px), (0, 0)),
    mode='symmetric',
  )
  return np.asarray(predict(padded))[:, :height, :width]


def _quantised(image, details):
  """Puts image values into the model's own input type."""
  kind = details['dtype']
  if not np.issubdtype(kind, np.integer):
    return image.astype(kind)
  scale, zero_point = details['quantization']
  limits = np.iinfo(kind)
  return np.clip(
    np.round(image / (scale or 1.0)) + zero_point, limits.min, limits.max
  ).astype(kind)


def _dequantised(height_m, details):
  """Puts one of the model's outputs into metres, float32."""
  if not np.issubdtype(details['dtype'], np.integer):
    return height_m.astype(np.float32)
  scale, zero_point = details['quantization']
  return (height_m.astype(np.float32) - zero_point) * np.float32(scale)


OPENERS = {
  '.keras': _open_keras,
  '.tflite': _open_litert,
  'folder': _open_saved_model,
}
