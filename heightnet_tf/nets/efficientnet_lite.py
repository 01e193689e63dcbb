"""EfficientNet-Lite as an encoder: no squeeze-excite, ReLU6, made for int8.

Source: Tan and Le 2019 (EfficientNet); the Lite variants of Google's
EfficientNet repository: first and last stage and the stem are not scaled.
"""

import math

import keras

from heightnet_tf.nets import layers

# Kernel, repeats, channels, expansion and stride of each stage of version 0.
_STAGES = (
  (3, 1, 16, 1, 1),
  (3, 2, 24, 6, 2),
  (5, 2, 40, 6, 2),
  (3, 3, 80, 6, 2),
  (5, 3, 112, 6, 1),
  (5, 4, 192, 6, 2),
  (3, 1, 320, 6, 1),
)
# Stages after which the resolution is about to halve: the skips of a U-Net.
_TAPS = (0, 1, 2, 4, 6)
# Width and depth factors.
VERSIONS = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}


def encode(image, version):
  """Encodes an image.

  Args:
    image: Keras tensor [B, H, W, 3], 0-255; H and W multiples of 32.
    version: 0, 1 or 2.

  Returns:
    list of five Keras tensors, at a half down to a thirty-second of the size.
  """
  width, depth = VERSIONS[version]
  features = keras.layers.Rescaling(
    1 / 128.0, offset=-127.0 / 128.0, dtype='float32', name='normalised'
  )(image)
  features = _normalised(_conv(32, 3, 'stem_conv', strides=2)(features), 'stem')
  index, taps = 0, []
  for stage, (kernel, repeats, filters, expansion, stride) in enumerate(
    _STAGES
  ):
    scaled = stage not in (0, len(_STAGES) - 1)
    for repeat in range(math.ceil(depth * repeats) if scaled else repeats):
      features = _block(
        features,
        kernel=kernel,
        filters=_rounded(filters * width),
        expansion=expansion,
        strides=stride if repeat == 0 else 1,
        name=f'block{index}',
      )
      index += 1
    if stage in _TAPS:
      taps.append(features)
  return taps


def _block(inputs, *, kernel, filters, expansion, strides, name):
  """An inverted residual with a linear bottleneck (Sandler et al. 2018)."""
  features, before = inputs, inputs.shape[-1]
  if expansion != 1:
    features = _conv(before * expansion, 1, f'{name}_expand_conv')(features)
    features = _normalised(features, f'{name}_expand')
  features = layers.DepthwiseConvolution(
    kernel,
    strides=strides,
    padding='same',
    use_bias=False,
    name=f'{name}_depthwise_conv',
  )(features)
  features = _normalised(features, f'{name}_depthwise')
  features = _conv(filters, 1, f'{name}_project_conv')(features)
  features = layers.batch_normalization(filters, f'{name}_project_norm')(
    features
  )
  if strides == 1 and before == filters:
    features = keras.layers.Add(name=f'{name}_add')([inputs, features])
  return features


def _conv(filters, kernel, name, strides=1):
  return keras.layers.Conv2D(
    filters,
    kernel,
    strides=strides,
    padding='same',
    use_bias=False,
    kernel_initializer='he_normal',
    name=name,
  )


def _normalised(features, name):
  features = layers.batch_normalization(None, f'{name}_norm')(features)
  return keras.layers.ReLU(6.0, name=f'{name}_relu6')(features)


def _rounded(filters):
  """Channels are multiples of 8, never less than nine tenths of the wish."""
  rounded = max(8, int(filters + 4) // 8 * 8)
  return rounded + 8 if rounded < 0.9 * filters else rounded
