"""What a network ends in: heights, and how far off they may be."""

import keras
from keras import ops

from heightnet_tf import model_card

# No pixel is surer than this: truths are rounded, and a likelihood without a
# floor can grow for ever.
FLOOR_M = 0.05
# What the names of the layers of all heads begin with.
PREFIXES = (model_card.HEIGHT, 'spread_')


def attach(features, *, uncertainty: bool):
  """Ends a network.

  Args:
    features: Keras tensor [B, H, W, C].
    uncertainty: whether the spread is wanted, too.

  Returns:
    Keras tensor `height_m` float32 [B, H, W, 1], metres, linear; with
    `uncertainty` a list of it and `spread_m`, the same shape: the scale b of a
    Laplace distribution around the height, metres. Source: Kendall and Gal
    2017 (What Uncertainties Do We Need), whose L1 is a Laplace likelihood.
  """
  height_m = keras.layers.Conv2D(1, 1, dtype='float32', name=model_card.HEIGHT)(
    features
  )
  if not uncertainty:
    return height_m
  raw = keras.layers.Conv2D(
    1,
    1,
    # The same spread everywhere to begin with, of some metres.
    kernel_initializer='zeros',
    bias_initializer=keras.initializers.Constant(1.0),
    dtype='float32',
    name='spread_conv',
  )(features)
  return [height_m, Spread(dtype='float32', name=model_card.SPREAD)(raw)]


def outputs(*, uncertainty: bool) -> tuple[str, ...]:
  """Names of what `attach` gives, in order."""
  names = (model_card.HEIGHT, model_card.SPREAD)
  return names if uncertainty else names[:1]


def as_channels(found):
  """Joins what a network gives to one tensor [B, H, W, K], the height first."""
  if isinstance(found, list | tuple):
    return ops.concatenate(found, axis=-1)
  return found


def temperature(model: keras.Model) -> float:
  """The factor that a network applies to its spread."""
  spread = model.get_layer(model_card.SPREAD)
  return float(ops.convert_to_numpy(spread.temperature))


def scale_spread(model: keras.Model, factor: float) -> None:
  """Multiplies the temperature of a network's spread by a factor."""
  spread = model.get_layer(model_card.SPREAD)
  spread.temperature.assign(factor * temperature(model))


def scale_height(model: keras.Model, factor: float) -> None:
  """Multiplies a network's heights by a factor, in its last layer."""
  last = model.get_layer(model_card.HEIGHT)
  last.set_weights([factor * weight for weight in last.get_weights()])


@keras.saving.register_keras_serializable(package='heightnet_tf')
class Spread(keras.layers.Layer):
  """Softplus above a floor, times a temperature that is not trained.

  The temperature is fitted on validation data after training (Guo et al. 2017,
  for classes); as a weight of the network it goes into every format.
  """

  def build(self, input_shape):
    self.temperature = self.add_weight(
      shape=(), initializer='ones', trainable=False, name='temperature'
    )
    super().build(input_shape)

  def call(self, inputs):
    """Turns float32 [B, H, W, 1] of any sign into metres above the floor."""
    # Not ops.softplus: LiteRT has neither that nor log1p.
    rectified = ops.maximum(inputs, 0.0) + ops.log(
      1.0 + ops.exp(-ops.abs(inputs))
    )
    return self.temperature * (FLOOR_M + rectified)

  def compute_output_shape(self, input_shape):
    return input_shape
