"""A `.tflite` file of heightnet_tf, run by LiteRT."""

import json

from ai_edge_litert import interpreter as litert
from ai_edge_litert import schema_py_generated as schema
import numpy as np

_CARD = b'heightnet.json'


def read_card(content):
  """What a model says of itself, a dict, from its metadata buffer."""
  model = schema.Model.GetRootAs(content)
  for k in range(model.MetadataLength()):
    entry = model.Metadata(k)
    if entry.Name() == _CARD:
      text = model.Buffers(entry.Buffer()).DataAsNumpy().tobytes()
      return json.loads(text)['card']
  raise ValueError('no heightnet.json in its metadata')


class Model:
  """A loaded model.

  Attributes:
    card: dict, what it says of itself.
    fixed_px: the one height and width it takes, or None for any multiple of
      `card['stride_px']`.
    outputs: number of maps that it predicts, heights first.
  """

  def __init__(self, path, *, threads):
    """Opens a file; ValueError where it is no model of heightnet_tf."""
    try:
      with open(path, 'rb') as file:
        content = file.read()
      self.card = read_card(content)
      self._interpreter = litert.Interpreter(
        model_content=content, num_threads=threads
      )
    except Exception as error:  # Damage shows in many ways.
      raise ValueError(
        f'{path} is not a .tflite file that export_main.py wrote ({error}).'
      ) from error
    if len(self.card['bands']) != 3:
      raise ValueError(
        f'{path} takes {len(self.card["bands"])} bands. Expected red, green '
        'and blue; predict_main.py takes others.'
      )
    [self._input] = self._interpreter.get_input_details()
    found = self._interpreter.get_output_details()
    self._outputs = [
      next((one for one in found if name in one['name']), found[k])
      for k, name in enumerate(self.card['outputs'])
    ]
    self.outputs = len(self._outputs)
    side_px = int(self._input['shape_signature'][1])
    self.fixed_px = None if side_px < 0 else side_px
    self._shape = None

  def predict(self, image):
    """Predicts uint8 [H, W, C]; float32 [H, W, K], metres."""
    if image.shape != self._shape:
      self._interpreter.resize_tensor_input(
        self._input['index'], (1, *image.shape)
      )
      self._interpreter.allocate_tensors()
      self._shape = image.shape
    self._interpreter.set_tensor(
      self._input['index'], _quantised(image[None], self._input)
    )
    self._interpreter.invoke()
    maps = [
      _metres(self._interpreter.get_tensor(one['index'])[0], one)
      for one in self._outputs
    ]
    return np.concatenate(maps, axis=-1)


def _quantised(image, details):
  """Puts grey levels into the type that the model takes."""
  kind = details['dtype']
  if not np.issubdtype(kind, np.integer):
    return image.astype(kind)
  scale, zero_point = details['quantization']
  limits = np.iinfo(kind)
  steps = np.round(image / scale) + zero_point
  return np.clip(steps, limits.min, limits.max).astype(kind)


def _metres(values, details):
  if not np.issubdtype(details['dtype'], np.integer):
    return values.astype(np.float32)
  scale, zero_point = details['quantization']
  return (values.astype(np.float32) - zero_point) * np.float32(scale)
