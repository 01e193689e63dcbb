"""A trained network as `.tflite` files, in float and quantised.

In the int8 file with float input and output the first convolution, the last
one and those of the outputs compute in float: on a trained U-Net that halved
the error again for a tenth more time, and heights do not come in steps of a
quantised output. In the file that takes and gives int8 every layer is integer,
and a height has one of 256 values. Where that is not enough for tall things,
more of the last convolutions are left in float.
"""

from collections.abc import Callable
import dataclasses
import functools
import warnings

from ai_edge_litert import schema_py_generated as schema
import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework import convert_to_constants

from heightnet_tf.export import branches
from heightnet_tf.export import doubling

FLOAT32 = 'height_float32.tflite'
FLOAT16 = 'height_float16.tflite'
DYNAMIC = 'height_dynamic.tflite'
INT8 = 'height_int8.tflite'
INT8_IO = 'height_int8_io.tflite'
NAMES = (FLOAT32, FLOAT16, DYNAMIC, INT8, INT8_IO)

# How many of the last convolutions before the outputs compute in float, tried
# in turn; with any the first one does, too. None: all layers are integer.
_FLOAT_LAST = {INT8: (1, 4, 8, 16), INT8_IO: (None, 1, 4, 8, 16)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Attempt:
  """One way to convert a network.

  Attributes:
    make: converts; gives the content of a `.tflite` file.
    note: what was given up for accuracy; empty if nothing.
  """

  make: Callable[[], bytes]
  note: str = ''


def attempts(
  model: keras.Model, calibration: np.ndarray, *, resizable: bool
) -> dict[str, list[Attempt]]:
  """Ways to convert a network to every variant.

  Args:
    model: image float32 [N, H, W, C], 0-255, to height_m, alone or the first
      of several outputs.
    calibration: float32 [N, window, window, C], real image tiles; they set
      the ranges of int8.
    resizable: whether the files take images of any size that the network
      takes, or those of calibration only.

  Returns:
    Name of each variant to the ways to make it, smallest and quickest first.
    All take one image [1, H, W, C].
  """
  model = doubling.without_sizes(model)
  side = None if resizable else calibration.shape[1]
  shape = (1, side, side, calibration.shape[3])
  # What is frozen and calibrated serves several variants.
  frozen = functools.cache(lambda: _frozen(model, shape))
  integers = functools.cache(lambda: _Integers(model, shape, calibration))

  def plain(weights):
    return [Attempt(make=lambda: _converter(frozen(), weights).convert())]

  return {
    FLOAT32: plain(tf.float32),
    FLOAT16: plain(tf.float16),
    DYNAMIC: plain(tf.int8),
  } | {
    name: [
      Attempt(
        make=lambda name=name, last=last: integers().convert(
          integer_ends=name == INT8_IO, float_last=last
        ),
        note='' if last == lasts[0] else f'last {last} convolutions in float',
      )
      for last in lasts
    ]
    for name, lasts in _FLOAT_LAST.items()
  }


def convert(model: keras.Model, calibration: np.ndarray) -> dict[str, bytes]:
  """Converts a network to every variant, of the size of the calibration tiles.

  Args:
    model: as of `attempts`.
    calibration: as of `attempts`.

  Returns:
    Name of each variant to its content, the first attempt.
  """
  ways = attempts(model, calibration, resizable=False)
  return {name: each[0].make() for name, each in ways.items()}


def named(variant: str, side_px: int | None) -> str:
  """Name of the file of a variant.

  Args:
    variant: one of NAMES.
    side_px: the size to tell, pixels; 0 for any; None to tell none.

  Returns:
    File name.
  """
  if side_px is None:
    return variant
  stem, ending = variant.split('.')
  return f'{stem}_{side_px or "any"}.{ending}'


class _Integers:
  """A network calibrated once, and quantised in several ways."""

  def __init__(self, model, shape, calibration):
    frozen = _frozen(branches.split_joins(model), shape)
    self._float = _converter(frozen).convert()
    # Black and white somewhere: a grey level is then exactly one integer.
    calibration = calibration.copy()
    calibration[0, 0, 0], calibration[0, -1, -1] = 0.0, 255.0
    converter = _converter(frozen, tf.int8)
    converter.representative_dataset = lambda: (
      [tile[None]] for tile in calibration
    )
    with _quiet_debugger():
      self._quantiser = tf.lite.experimental.QuantizationDebugger(
        converter=converter
      )

  def convert(self, *, integer_ends, float_last):
    """Quantises: convolutions and their weights per channel.

    Args:
      integer_ends: whether input and outputs are int8.
      float_last: as _FLOAT_LAST.

    Returns:
      Content of a `.tflite` file.
    """
    kept = None
    if float_last is not None:
      kept = end_tensors(self._float, float_last=float_last)
    with _quiet_debugger():
      self._quantiser.options = tf.lite.experimental.QuantizationDebugOptions(
        denylisted_nodes=kept, fully_quantize=integer_ends
      )
      return self._quantiser.get_nondebug_quantized_model()


def _quiet_debugger():
  """Silences the debugger about the parts that it is made of."""
  return warnings.catch_warnings(action='ignore', category=UserWarning)


def end_tensors(content: bytes, *, float_last: int) -> list[str]:
  """Names what the first and last convolutions, and all beyond them, compute.

  Args:
    content: a float `.tflite`.
    float_last: number of last convolutions, beside one for each output; fewer
      where none would be left between them and the first.

  Returns:
    Names of tensors.
  """
  model = schema.ModelT.InitFromPackedBuf(content, 0)
  graph = model.subgraphs[0]
  kinds = [
    model.operatorCodes[operator.opcodeIndex].builtinCode
    for operator in graph.operators
  ]
  convolutions = [
    place
    for place, kind in enumerate(kinds)
    if kind == schema.BuiltinOperator.CONV_2D
  ]
  last = max(2, len(convolutions) - float_last - len(graph.outputs))
  return [
    graph.tensors[output].name.decode()
    for place, operator in enumerate(graph.operators)
    if place <= convolutions[0] or place >= convolutions[last]
    for output in operator.outputs
  ]


def _frozen(model, shape):
  """A module whose `serving_default` has the weights as constants.

  Calibration cannot read variables.
  """
  signature = tf.TensorSpec(shape, tf.float32, name='image')
  function = tf.function(lambda image: model(image, training=False))
  frozen = convert_to_constants.convert_variables_to_constants_v2(
    function.get_concrete_function(signature)
  )
  module = tf.Module()
  module.serve = tf.function(
    lambda image: dict(zip(model.output_names, frozen(image), strict=True)),
    input_signature=[signature],
  )
  return module


def _converter(module, weights=tf.float32):
  """A converter to weights of the given type."""
  converter = tf.lite.TFLiteConverter.from_concrete_functions(
    [module.serve.get_concrete_function()], module
  )
  if weights != tf.float32:
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
  if weights == tf.float16:
    converter.target_spec.supported_types = [tf.float16]
  return converter
