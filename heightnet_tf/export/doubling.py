"""Rewriting a network so that nothing in it depends on the size of its image.

Converted, the layers that double the resolution ask for sizes: a file of one
size holds them as constants, and one of any size computes them with operators
that the quick kernels and browsers' GPUs do not take. Moving channels to space
does the same with no size at all, and is quicker in files of one size, too.
"""

import keras
import numpy as np
import tensorflow as tf


def without_sizes(model: keras.Model) -> keras.Model:
  """Replaces nearest upsampling and transposed 2 x 2 convolutions.

  Args:
    model: functional, and used for prediction only from here on.

  Returns:
    A functional keras.Model with weights of its own and, but for rounding,
    the numbers of `model`.
  """
  sources = {}

  def call(layer, *args, **kwargs):
    if _doubles_by_repeating(layer):
      four = keras.layers.Concatenate(name=f'{layer.name}_four')
      return _ToSpace(name=layer.name)(four([args[0]] * 4))
    if _doubles_by_convolving(layer):
      four = keras.layers.Conv2D(
        4 * layer.filters,
        1,
        use_bias=layer.use_bias,
        activation=layer.activation,
        name=f'{layer.name}_four',
      )
      sources[four.name] = layer.name
      return _ToSpace(name=layer.name)(four(args[0]))
    return layer(*args, **kwargs)

  twin = keras.models.clone_model(model, call_function=call)
  before = {layer.name: layer for layer in model.layers}
  for layer in twin.layers:
    if layer.name in sources:
      layer.set_weights(_four(*before[sources[layer.name]].get_weights()))
    elif layer.weights:
      layer.set_weights(before[layer.name].get_weights())
  return twin


class _ToSpace(keras.layers.Layer):
  """Channels [B, H, W, 4 C] to space [B, 2 H, 2 W, C]."""

  def call(self, inputs):
    return tf.nn.depth_to_space(inputs, 2)

  def compute_output_shape(self, input_shape):
    batch, height, width, channels = input_shape
    return batch, height and 2 * height, width and 2 * width, channels // 4


def _doubles_by_repeating(layer):
  return (
    type(layer) is keras.layers.UpSampling2D
    and layer.interpolation == 'nearest'
    and tuple(layer.size) == (2, 2)
  )


def _doubles_by_convolving(layer):
  return isinstance(layer, keras.layers.Conv2DTranspose) and (
    tuple(layer.kernel_size) == tuple(layer.strides) == (2, 2)
  )


def _four(kernel, *bias):
  """The weights of the convolution 1 x 1 that makes all four pixels."""
  sides = np.transpose(kernel, (3, 0, 1, 2)).reshape(1, 1, kernel.shape[3], -1)
  return [sides, *(np.tile(one, 4) for one in bias)]
