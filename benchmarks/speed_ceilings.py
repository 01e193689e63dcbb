"""What the machine can do at best; a part of speed_ours.py."""

import functools
import os

from ai_edge_litert import interpreter as interpreters
import keras
import numpy as np
import tensorflow as tf

# Convolutions of a ceiling: channels in and out, side of the image, in a row.
_CHANNELS, _SIDE_PX, _DEEP = 128, 128, 4


def ceiling(what, kind):
  """What the machine can do at best."""
  return CEILINGS[what](kind)


def matmul_ceiling(kind):
  """Square matrices, each product times the next one."""
  side = 2048
  matrix = tf.cast(tf.random.normal((side, side)) / side**0.5, kind)
  return chained(tf.matmul, matrix, matrix, _DEEP), {
    'operations': _DEEP * 2 * side**3
  }


def conv_ceiling(kind):
  """3 x 3, 128 to 128 channels."""
  image = tf.random.normal((1, _SIDE_PX, _SIDE_PX, _CHANNELS))
  kernel = tf.random.normal((3, 3, _CHANNELS, _CHANNELS)) / _CHANNELS

  def convolve(image, kernel):
    return tf.nn.conv2d(image, kernel, 1, 'SAME')

  run = chained(convolve, tf.cast(image, kind), tf.cast(kernel, kind), _DEEP)
  return run, {'operations': _conv_operations()}


def chained(compute, first, second, times):
  """A run of `compute` on its own result again and again."""

  @tf.function
  def graph():
    made = first
    for _ in range(times):
      made = compute(made, second)
    return tf.reduce_max(made)

  def run():
    return graph().numpy()

  run()
  return run


def _conv_operations():
  return _DEEP * 2 * 9 * _CHANNELS**2 * _SIDE_PX**2


def copy_ceiling(kind):
  """Memory to memory; an operation is a byte read or written."""
  values = np.ones(2**28 // np.dtype(kind).itemsize, kind)
  target = np.empty_like(values)
  run = functools.partial(np.copyto, target, values)
  run()
  return run, {'operations': 2 * values.nbytes}


def litert_ceiling(kind):
  """The convolutions of `conv_ceiling`, all integer, in LiteRT."""
  shape = (_SIDE_PX, _SIDE_PX, _CHANNELS)
  network = keras.Sequential(
    [keras.Input(shape, batch_size=1)]
    + [keras.layers.Conv2D(_CHANNELS, 3, padding='same') for _ in range(_DEEP)]
  )
  tile = np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)
  converter = tf.lite.TFLiteConverter.from_keras_model(network)
  converter.optimizations = [tf.lite.Optimize.DEFAULT]
  converter.representative_dataset = lambda: [[tile]]
  converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
  converter.inference_input_type = tf.as_dtype(kind)
  converter.inference_output_type = tf.as_dtype(kind)
  interpreter = interpreters.Interpreter(
    model_content=converter.convert(), num_threads=os.cpu_count()
  )
  interpreter.allocate_tensors()
  interpreter.invoke()
  return interpreter.invoke, {'operations': _conv_operations()}


CEILINGS = {
  'matmul': matmul_ceiling,
  'conv': conv_ceiling,
  'copy': copy_ceiling,
  'litert': litert_ceiling,
}
