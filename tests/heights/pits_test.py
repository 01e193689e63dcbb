import numpy as np
import pytest

from heightnet_tf.heights import pits

_NAN = np.nan


def _fill(height_m, *, gsd_m=1.0, radius_m=1.0):
  return pits.fill(np.asarray(height_m, float), gsd_m=gsd_m, radius_m=radius_m)


def _crown(seed=0, side=15):
  """A rough crown amid grass: no two neighbours alike."""
  height_m = np.zeros((side, side))
  random = np.random.default_rng(seed).uniform(9, 20, (side - 6, side - 6))
  height_m[3:-3, 3:-3] = random
  return height_m


def test_a_pit_gets_the_lowest_of_the_highest_around_it():
  # With a cross: the highest in reach of the middle is 17, of the pixel above
  # it 16, below 17, on the left 14, on the right 15.
  height_m = np.zeros((7, 7))
  height_m[1:6, 1:6] = [
    [10, 11, 12, 13, 10],
    [12, 10, 16, 11, 14],
    [13, 14, 0, 15, 12],
    [11, 10, 17, 12, 10],
    [10, 13, 11, 10, 12],
  ]
  filled = _fill(height_m)
  assert filled[3, 3] == 14
  assert filled.dtype == np.float32
  assert (filled >= height_m).all()
  # The grass around it is open, not a pit.
  assert (filled[:, 0] == 0).all()
  assert (filled[0] == 0).all()


def test_a_larger_radius_fills_larger_pits():
  height_m = _crown()
  height_m[6:9, 6:9] = 0
  assert _fill(height_m, radius_m=1)[7, 7] == 0
  assert _fill(height_m, radius_m=2)[7, 7] >= 9
  # The same on the ground, in pixels of half a metre.
  assert _fill(height_m, gsd_m=0.5, radius_m=0.5)[7, 7] == 0
  assert _fill(height_m, gsd_m=0.5, radius_m=1)[7, 7] >= 9


def test_radius_of_whole_pixels_survives_rounding():
  # 0.6 / 0.2 is 2.9999999999999996.
  height_m = _crown(side=21)
  height_m[8:13, 8:13] = 0
  assert _fill(height_m, gsd_m=0.2, radius_m=0.6)[10, 10] >= 9


def test_buildings_keep_their_gaps():
  height_m = np.zeros((20, 20))
  height_m[3:17, 3:17] = 8
  height_m[:, 10] = 0  # An alley
  height_m[6, 6] = 0  # A light well
  np.testing.assert_array_equal(_fill(height_m, radius_m=2), height_m)


def test_a_tree_away_from_a_house_is_filled():
  height_m = np.zeros((15, 30))
  height_m[3:12, 3:12] = 8
  height_m[:, 15:] = _crown()
  height_m[7, 22] = 0
  filled = _fill(height_m)
  assert filled[7, 22] >= 9
  np.testing.assert_array_equal(filled[:, :14], height_m[:, :14])


def test_what_is_low_stays():
  height_m = np.random.default_rng(0).uniform(0, 1.9, (12, 12))
  np.testing.assert_array_equal(_fill(height_m), height_m.astype(np.float32))


def test_unknown_stays_unknown_and_fills_nothing():
  height_m = _crown()
  height_m[7, 7] = 0
  height_m[7, 8] = _NAN
  height_m[5, 5] = _NAN
  filled = _fill(height_m)
  np.testing.assert_array_equal(np.isnan(filled), np.isnan(height_m))
  assert filled[7, 7] >= 9
  # Water beside a single bank: nothing to close against.
  river = np.full((9, 9), _NAN)
  river[:, 4] = 0
  river[:, 3] = np.linspace(10, 20, 9)
  np.testing.assert_array_equal(_fill(river), river.astype(np.float32))


def test_the_edge_is_no_wall():
  # Ground along the edge of the scene, a crown beside it.
  height_m = _crown()[:, 2:]
  np.testing.assert_array_equal(_fill(height_m, radius_m=2)[:, 0], 0)


@pytest.mark.parametrize('turns', [1, 2, 3])
def test_turning_commutes(turns):
  height_m = _crown(side=20) * (np.random.default_rng(2).random((20, 20)) > 0.4)
  np.testing.assert_array_equal(
    _fill(np.rot90(height_m, turns), radius_m=2),
    np.rot90(_fill(height_m, radius_m=2), turns),
  )


def test_twice_is_once_in_a_wood():
  height_m = _crown(side=20)
  height_m[8:10, 8:10] = 0
  once = _fill(height_m)
  np.testing.assert_array_equal(_fill(once), once)
