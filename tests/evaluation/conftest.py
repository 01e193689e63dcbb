import dataclasses

import numpy as np
import pytest

from heightnet_tf.data import sources
from heightnet_tf.evaluation import page_pictures
from heightnet_tf.evaluation import scoring
from heightnet_tf.evaluation import style
from heightnet_tf.inference import scenes
from tests import memory_source
from tests import small_models


class Predictor:
  """Reads the height, in decimetres, from the first band."""

  fixed_px = None
  card = small_models.card_of(
    gsd_m=1.0,
    window_px=16,
    stride_px=1,
    network={'name': 'fake'},
    training_data=[{'name': 'tiles', 'version': '1', 'pairs': 2}],
    training_median_m=2.0,
    made_by='heightnet_tf test',
  )

  def __call__(self, image):
    return np.asarray(image[..., :1], np.float32) / 10


class SpreadPredictor(Predictor):
  """Says of every height that it may be 2 m off."""

  card = dataclasses.replace(Predictor.card, outputs=('height_m', 'spread_m'))

  def __call__(self, image):
    height_m = super().__call__(image)
    return np.concatenate([height_m, np.full_like(height_m, 2)], -1)


def _source(samples):
  return memory_source.MemorySource(
    samples, name='data/fake <pairs>', version='v1'
  )


def _sample(name, *, truth_m, predicted_m, gsd_m):
  truth_m = np.asarray(truth_m, np.float32)
  image = np.full((*truth_m.shape, 3), 90, np.uint8)
  image[..., 0] = np.round(np.asarray(predicted_m) * 10)
  return sources.Sample(
    name=name,
    group=name.split('_')[0],
    image=image,
    height_m=truth_m,
    gsd_m=gsd_m,
  )


@pytest.fixture(autouse=True)
def coarse_plots(monkeypatch):
  """Nobody looks at these: drawing them fine only takes time."""
  monkeypatch.setattr(style, '_DPI', 20)


@pytest.fixture
def no_plots(monkeypatch):
  """Leaves only the titles of plots in pages that are read for their words."""
  monkeypatch.setattr(
    page_pictures, '_plot', lambda title, note, draw: f'<h3>{title}</h3>'
  )


@pytest.fixture
def predictor():
  return Predictor()


@pytest.fixture
def spread_result(source, options):
  return scoring.score(SpreadPredictor(), source, options)


@pytest.fixture
def make_source():
  return _source


@pytest.fixture
def make_sample():
  return _sample


@pytest.fixture
def options():
  return scoring.ScoreOptions(
    scene=scenes.SceneOptions(
      window_px=32, overlap_px=8, batch_size=2, scale=None
    ),
    edges_m=(0, 2, 5, 10, 20, 40),
    gsd_m=None,
  )


@pytest.fixture
def source():
  """Three tiles of two places, one of them with an 8 m house."""
  ground = np.zeros((16, 20))
  house = ground.copy()
  house[2:10, 3:12] = 8
  unknown = ground.copy()
  unknown[:8] = np.nan
  return _source(
    [
      _sample('a_0_0', truth_m=house, predicted_m=house * 0.75, gsd_m=1.0),
      _sample('a_0_1', truth_m=ground, predicted_m=ground + 1, gsd_m=1.0),
      _sample('b', truth_m=unknown, predicted_m=ground + 4, gsd_m=None),
    ]
  )


@pytest.fixture
def result(predictor, source, options):
  return scoring.score(predictor, source, options)
