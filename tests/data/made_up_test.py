import numpy as np

from heightnet_tf.data import made_up


def test_tiles_are_those_of_the_seed():
  source = made_up.MadeUpSource(2, size_px=32, gsd_m=1.0, seed=3)
  assert len(source) == len(source.names) == len(set(source.groups)) == 2
  first, second = source.read(0), source.read(1)
  assert first.image.shape == (32, 32, 3)
  assert first.height_m.shape == (32, 32)
  assert first.gsd_m == 1.0
  assert not np.array_equal(first.image, second.image)
  again = made_up.MadeUpSource(2, size_px=32, gsd_m=1.0, seed=3).read(0)
  np.testing.assert_array_equal(first.image, again.image)
  other = made_up.MadeUpSource(2, size_px=32, gsd_m=1.0, seed=4).read(0)
  assert not np.array_equal(first.image, other.image)
