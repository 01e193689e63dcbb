"""What a network has to compute, counted from its layers."""

import math

import keras


def count(layers) -> dict:
  """Counts the multiplications and additions of convolutions for one image.

  Args:
    layers: Keras layers of a network that was built for a fixed size; those
      that are no convolutions cost next to nothing and count as nothing.

  Returns:
    `forward`, and `training`: the gradients by the input and by the kernel
    each cost as much again, the former not where the image itself is convolved.
  """
  forward = backward = 0
  for layer in layers:
    count = _operations_of(layer)
    forward += count
    backward += count * (1 if _sees_image(layer) else 2)
  return {'forward': forward, 'training': forward + backward}


def _operations_of(layer):
  if isinstance(layer, keras.layers.Conv2DTranspose):
    # Every input pixel meets the kernel once.
    size = math.prod(layer.input.shape[1:3])
  elif isinstance(layer, keras.layers.DepthwiseConv2D | keras.layers.Conv2D):
    size = math.prod(layer.output.shape[1:3])
  else:
    return 0
  return 2 * math.prod(layer.kernel.shape) * size


def _sees_image(layer):
  """Whether what goes in depends on no weights: an image, perhaps scaled."""
  before = layer.input
  if isinstance(before, list):
    return False
  source = before._keras_history.operation
  while isinstance(source, keras.layers.Rescaling | keras.layers.Normalization):
    source = source.input._keras_history.operation
  return isinstance(source, keras.layers.InputLayer)
