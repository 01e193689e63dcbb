import keras
import numpy as np
import PIL.Image
import pytest

from heightnet_tf.nets import networks
from tests import small_models


@pytest.fixture(scope='session')
def card():
  return small_models.card_of(
    gsd_m=None,
    stride_px=4,
    network={
      'name': 'unet',
      'arguments': {
        'bands': 3,
        'base_filters': 8,
        'depth': 2,
        'normalisation': 'batch',
      },
    },
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


@pytest.fixture
def pairs_folder(tmp_path):
  """Two scenes of 40 x 48 pixels in the seed's layout."""
  random = np.random.default_rng(0)
  for folder in ('imgs', 'masks'):
    (tmp_path / 'pairs' / folder).mkdir(parents=True)
  for name in ('east', 'west'):
    image = random.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    height_m = random.uniform(0, 20, (40, 48)).astype(np.float32)
    PIL.Image.fromarray(image).save(tmp_path / f'pairs/imgs/{name}.png')
    PIL.Image.fromarray(height_m).save(tmp_path / f'pairs/masks/{name}.tif')
  return tmp_path / 'pairs'
