"""Models that need no training, and their cards, for tests."""

import numpy as np

from heightnet_tf import model_card


def card_of(**fields):
  """The card of a model of three bands; fields can be replaced."""
  return model_card.ModelCard(
    **{
      'gsd_m': 0.5,
      'scale': 1.0,
      'bands': ('red', 'green', 'blue'),
      'window_px': 32,
      'stride_px': 8,
      'network': {},
      'weighting': {},
      'training_data': [],
      'training_median_m': 1.0,
      'accuracy': {},
      'made_by': 'test',
      **fields,
    }
  )


def unet_of(**arguments):
  """The description of a small U-Net; arguments can be replaced."""
  return {
    'name': 'unet',
    'arguments': {
      'bands': 3,
      'base_filters': 2,
      'depth': 1,
      'normalisation': 'batch',
      **arguments,
    },
  }


class MeanPredictor:
  """Heights are the mean of the bands over ten, spreads half a metre.

  Attributes:
    shapes: of the images that it was given.
  """

  fixed_px = None

  def __init__(self, card):
    self.card = card
    self.shapes = []

  def __call__(self, image):
    assert self.fixed_px in (None, image.shape[1])
    self.shapes.append(image.shape)
    height_m = image.mean(-1, keepdims=True, dtype=np.float32) / 10
    outputs = np.concatenate([height_m, np.full_like(height_m, 0.5)], -1)
    return outputs[..., : len(self.card.outputs)]


def save_mean_model(path, **fields):
  """Writes a network that gives the mean of the bands over ten; gives `path`.

  Args:
    path: of the .keras file.
    **fields: of its card, where they differ from those of `card_of`.
  """
  import keras

  from heightnet_tf.training import model_file

  image = keras.Input((None, None, 3), name='image')
  mean = keras.layers.Conv2D(
    1, 1, kernel_initializer=keras.initializers.Constant(1 / 30)
  )
  model_file.save(path, keras.Model(image, mean(image)), card_of(**fields))
  return path
