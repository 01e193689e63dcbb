import numpy as np
import pytest
import rasterio

from heightnet_tf.geo import halving
from heightnet_tf.geo import opening

NAN = np.float32(np.nan)


def test_two_by_two_pixels_become_their_mean():
  values = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
  np.testing.assert_array_equal(
    halving.halve(values), [[[2.5, 4.5], [10.5, 12.5]]]
  )


def test_unknown_pixels_do_not_count():
  values = np.array([[[1, NAN, NAN, NAN], [3, NAN, NAN, NAN]]], np.float32)
  np.testing.assert_array_equal(halving.halve(values), [[[2, NAN]]])


def test_the_last_odd_row_and_column_stay():
  values = np.arange(9, dtype=np.float32).reshape(1, 3, 3)
  np.testing.assert_array_equal(halving.halve(values), [[[2, 3.5], [6.5, 8]]])


@pytest.fixture
def source(tmp_path):
  path = tmp_path / 'whole.tif'
  values = np.random.default_rng(0).normal(9, 4, (2, 300, 150))
  values = halving.rounded(values.astype(np.float32), 1024)
  values[:, 30:60, 40:90] = NAN
  profile = {'driver': 'GTiff', 'dtype': 'float32', 'count': 2}
  with opening.open_quietly(
    path, 'w', height=300, width=150, **profile
  ) as dataset:
    dataset.write(values)
  return path, values


def test_overviews_are_halves_of_halves(source):
  path, values = source
  found = halving.write_halves(path, largest_px=100, steps=1024)
  shapes = []
  for half in found:
    values = halving.rounded(halving.halve(values), 1024)
    with opening.open_quietly(half) as dataset:
      np.testing.assert_array_equal(dataset.read(), values)
      shapes.append(dataset.shape)
  assert shapes == [(150, 75), (75, 38)]


def test_they_are_those_of_gdal(source):
  path, _ = source
  (half,) = halving.write_halves(path, largest_px=150, steps=2**16)
  with opening.open_quietly(path, 'r+') as dataset:
    dataset.nodata = np.nan
    dataset.build_overviews([2], rasterio.enums.Resampling.average)
  with (
    opening.open_quietly(path, overview_level=0) as theirs,
    opening.open_quietly(half) as ours,
  ):
    np.testing.assert_allclose(ours.read(), theirs.read(), atol=1e-4)


def test_a_small_raster_has_none(source):
  assert not halving.write_halves(source[0], largest_px=300, steps=1)
