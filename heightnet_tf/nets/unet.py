"""The plain U-Net: an image in, one height per pixel out.

Source: Ronneberger et al. 2015, with normalisation after each convolution and
a linear output.
"""

import keras

from heightnet_tf.nets import heads
from heightnet_tf.nets import layers


def build(*, bands, base_filters, depth, normalisation, uncertainty=False):
  """Builds a U-Net with a linear float32 output.

  Args:
    bands: number of image bands.
    base_filters: channels at full resolution; doubled at each of `depth`
      halvings, up to sixteen times.
    depth: how often the resolution is halved; height and width of an image
      must be multiples of 2**depth.
    normalisation: a key of `layers.NORMALISATIONS`.
    uncertainty: whether it gives the spread, too; older files do not say.

  Returns:
    keras.Model: `image` float32 [B, H, W, bands], 0-255, to what
    `heads.attach` gives.
  """
  filters = [base_filters * 2 ** min(k, 4) for k in range(depth + 1)]

  def double_conv(inputs, count, name):
    for part in 'ab':
      inputs = layers.convolve(
        inputs, count, f'{name}{part}', normalisation=normalisation
      )
    return inputs

  image = keras.Input((None, None, bands), name='image', dtype='float32')
  features = keras.layers.Rescaling(
    1 / 64.0, offset=-2.0, dtype='float32', name='normalised'
  )(image)
  skips = []
  for level in range(depth):
    features = double_conv(features, filters[level], f'down{level}')
    skips.append(features)
    features = keras.layers.MaxPooling2D(name=f'pool{level}')(features)
  features = double_conv(features, filters[depth], 'bottom')
  for level in reversed(range(depth)):
    features = layers.DoublingConvolution(
      filters[level], 2, strides=2, name=f'up{level}_conv'
    )(features)
    features = keras.layers.Concatenate(name=f'up{level}_join')(
      [skips[level], features]
    )
    features = double_conv(features, filters[level], f'up{level}')
  outputs = heads.attach(features, uncertainty=uncertainty)
  return keras.Model(image, outputs, name='unet')
