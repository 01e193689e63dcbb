import numpy as np
import pytest

from heightnet_tf.heights import spread_sums

_NAN = float('nan')


def _laplace(spread_m, scale, count=200_000):
  """Sums over errors of a Laplace distribution `scale` times the spread."""
  random = np.random.default_rng(0)
  spread_m = np.full(count, spread_m)
  truth_m = random.laplace(5.0, scale * spread_m)
  return spread_sums.SpreadSums.of(np.full(count, 5.0), spread_m, truth_m)


def test_figures_by_hand():
  # Errors of 0, 1, 2 and 6 at a spread of 2: the intervals of 50, 80 and 95 %
  # reach 2 log 2 = 1.39, 2 log 5 = 3.22 and 2 log 20 = 5.99.
  sums = spread_sums.SpreadSums.of(
    np.array([[0.0, 1.0], [-2.0, 6.0]]), np.full((2, 2), 2.0), np.zeros((2, 2))
  )
  found = sums.figures()
  assert found['nll'] == pytest.approx(9 / 2 / 4 + np.log(4))
  shares = [found[f'coverage_{percent}'] for percent in (50, 80, 95)]
  assert shares == [0.5, 0.75, 0.75]
  # Errors of 1 m are within from level 0.393 on, those of 2 m from 0.632.
  observed = [0.25] * 7 + [0.5] * 5 + [0.75] * 7
  gaps = np.abs(np.array(observed) - spread_sums.LEVELS)
  assert found['ece'] == pytest.approx(gaps.mean())
  summary = sums.summary()
  assert summary['mae_m'] == pytest.approx(9 / 4)
  assert summary['spread_m'] == 2
  bins = {row['low_m']: row for row in summary['bins']}
  assert bins[2.0]['pixels'] == 4
  assert bins[1.0]['mae_m'] is None


def test_only_pixels_with_all_three_count():
  sums = spread_sums.SpreadSums.of(
    np.array([1.0, _NAN, 1.0, 1.0]),
    np.array([1.0, 1.0, _NAN, 1.0]),
    np.array([1.0, 1.0, 1.0, _NAN]),
  )
  assert sums.summary()['pixels'] == 1


def test_parts_add_up_to_the_whole():
  random = np.random.default_rng(1)
  predicted, truth = random.normal(3, 4, (2, 500))
  spread = random.uniform(0.05, 30, 500)
  whole = spread_sums.SpreadSums.of(predicted, spread, truth).summary()
  parts = [
    spread_sums.SpreadSums.of(predicted[k::3], spread[k::3], truth[k::3])
    for k in range(3)
  ]
  added = (parts[2] + parts[0] + parts[1]).summary()
  assert added['levels'] == whole['levels']
  assert added['nll'] == pytest.approx(whole['nll'])
  assert added['temperature'] == whole['temperature']


@pytest.mark.parametrize('scale', [0.3, 1.0, 4.0])
def test_the_temperature_calibrates(scale):
  sums = _laplace(2.0, scale)
  temperature = sums.temperature()
  assert temperature == pytest.approx(scale, rel=0.02)
  found = sums.figures(temperature)
  assert found['ece'] < 0.005
  for percent in (50, 80, 95):
    share = found[f'coverage_{percent}']
    assert share == pytest.approx(percent / 100, abs=0.01)
  # The same as spreads that had been right from the start.
  right = _laplace(2.0 * temperature, scale / temperature).figures()
  assert found == pytest.approx(right, abs=1e-2)


def test_ground_that_is_always_right_does_not_shrink_the_spreads():
  random = np.random.default_rng(2)
  error = np.where(np.arange(100_000) % 2, random.laplace(0, 2, 100_000), 0)
  sums = spread_sums.SpreadSums.of(
    error, np.full(error.shape, 2.0), np.zeros(error.shape)
  )
  found = sums.figures(sums.temperature())
  assert 0.7 < found['coverage_80'] < 0.9
  assert found['coverage_95'] > 0.85


def test_no_pixels():
  summary = spread_sums.SpreadSums.zero().summary()
  assert summary['ece'] is None
  assert summary['temperature'] == 1
