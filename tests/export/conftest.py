import keras
import numpy as np
import pytest

from heightnet_tf.nets import networks
from tests import small_models


@pytest.fixture(scope='session')
def card():
  return small_models.card_of(
    gsd_m=None,
    stride_px=4,
    network=small_models.unet_of(base_filters=8, depth=2),
  )


@pytest.fixture(scope='session')
def model(card):
  """A U-Net whose normalisation has statistics, as after training."""
  keras.utils.set_random_seed(0)
  net = networks.build(card.network)
  random = np.random.default_rng(0)
  for layer in net.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
      layer.set_weights(
        [random.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()]
      )
  return net
