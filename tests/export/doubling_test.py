import keras
import numpy as np
import pytest

from heightnet_tf.export import doubling
from heightnet_tf.nets import networks
from tests import small_models

_IMAGE = (
  np.random.default_rng(0).uniform(0, 255, (1, 32, 64, 3)).astype(np.float32)
)


def _unet():
  model = networks.build(
    small_models.unet_of(base_filters=4, depth=2, uncertainty=True)
  )
  for layer in model.layers:
    if isinstance(layer, keras.layers.Conv2DTranspose):
      kernel, bias = layer.get_weights()
      layer.set_weights([kernel, np.arange(bias.size)])
  return model


def _repeating():
  image = keras.Input((None, None, 3))
  features = keras.layers.Conv2D(4, 3, strides=2, padding='same')(image)
  features = keras.layers.UpSampling2D()(features)
  return keras.Model(image, keras.layers.Conv2D(1, 3, padding='same')(features))


@pytest.mark.parametrize('build', [_unet, _repeating])
def test_the_numbers_stay_and_the_layers_go(build):
  keras.utils.set_random_seed(0)
  model = build()

  twin = doubling.without_sizes(model)

  kinds = {type(layer) for layer in twin.layers}
  assert not kinds & {keras.layers.UpSampling2D, keras.layers.Conv2DTranspose}
  assert twin.output_names == model.output_names
  for made, wanted in zip(
    keras.tree.flatten(twin(_IMAGE)),
    keras.tree.flatten(model(_IMAGE)),
    strict=True,
  ):
    np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=1e-5)


def test_other_ways_to_grow_are_left_alone():
  image = keras.Input((None, None, 3))
  linear = keras.layers.UpSampling2D(interpolation='bilinear')(image)
  wide = keras.layers.Conv2DTranspose(2, 3, strides=2, padding='same')(linear)
  model = keras.Model(image, wide)

  twin = doubling.without_sizes(model)

  kinds = [type(layer) for layer in twin.layers]
  assert kinds == [type(layer) for layer in model.layers]
