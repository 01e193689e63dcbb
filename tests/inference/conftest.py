import pytest

from tests import small_models


@pytest.fixture
def make_card():
  """Builds cards; see `small_models.card_of`."""
  return small_models.card_of


@pytest.fixture
def mean_predictor(make_card):
  return small_models.MeanPredictor(make_card())
