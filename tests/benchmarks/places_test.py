import dataclasses
import math

import affine
import numpy as np
import pytest
import rasterio.crs

from benchmarks import places
from heightnet_tf.geo import raster
from heightnet_tf.geo import reading


def _scene(folder, height_m):
  """A scene as `places.scenes` gives it."""
  shape = np.shape(height_m)
  image = raster.Raster(
    pixels=np.full((*shape, 3), 9, np.uint8),
    crs=rasterio.crs.CRS.from_epsg(32617),
    transform=affine.Affine(1, 0, 5e5, 0, -1, 4e6),
    known=np.ones(shape, bool),
    bands=('red', 'green', 'blue'),
    path=f'data/{folder}/imgs/scene.tif',
  )
  height_m = np.asarray(height_m, np.float32)
  heights = dataclasses.replace(
    image, pixels=height_m[..., None], known=np.isfinite(height_m)
  )
  return f'{folder}_scene', image, heights


def test_errors_are_pooled_over_all_places_and_told_for_each():
  found = [
    _scene('hill', [[1, 3]]),
    _scene('dale', [[4, np.nan]]),
    _scene('hill', [[0, 0]]),
  ]
  figures = places.score(places.always(1.0), found, places.everything)
  assert figures['mae_m'] == pytest.approx((0 + 2 + 3 + 1 + 1) / 5)
  assert figures['places']['hill']['mae_m'] == pytest.approx(1)
  assert figures['places']['dale']['mae_m'] == pytest.approx(3)
  assert figures['coverage_80'] is None


def test_what_is_not_counted_has_no_say():
  found = [_scene('hill', [[1, 3]])]
  first = places.score(
    places.always(1.0), found, lambda shape: np.array([[True, False]])
  )
  assert (first['pixels'], first['mae_m']) == (1, 0)


def test_spreads_are_held_against_errors():
  # Errors of 0, 1, 2 and 3 m, and spreads of 1 m: the interval of 50 %
  # reaches 0.69 m, that of 80 % 1.61 m, that of 95 % 3.0 m.
  found = [_scene('hill', [[0, 1, 2, 2.9]])]
  outputs = np.zeros((1, 4, 2), np.float32)
  outputs[..., 1] = 1
  figures = places.score(lambda image: outputs, found, places.everything)
  shares = [figures[f'coverage_{percent}'] for percent in (50, 80, 95)]
  assert shares == pytest.approx([0.25, 0.5, 1.0])
  assert math.isfinite(figures['ece'])


def test_blocks_are_filled_from_what_is_not_held(tmp_path):
  height_m = np.random.default_rng(0).uniform(9, 20, (512, 1024))
  height_m[100, [100, 511]] = 0

  def held_at(shape):
    return np.broadcast_to(np.arange(shape[1]) >= 512, shape)

  found = [_scene('wood', height_m)]
  for radius_m, folder in ((0.0, 'as_is'), (1.0, 'filled')):
    places.cut(tmp_path / folder, found, held_at, fill_pits_m=radius_m)
  as_is, filled = (
    reading.read_height(
      tmp_path / folder / 'masks' / 'wood_scene-0-0_0_0.tif',
      scale=1.0,
      nodata=None,
    ).pixels[..., 0]
    for folder in ('as_is', 'filled')
  )
  assert len(list((tmp_path / 'filled' / 'masks').iterdir())) == 1
  assert as_is[100, 100] == 0
  assert filled[100, 100] >= 9
  # A neighbour of it is held.
  assert filled[100, 511] == 0


def test_table_leaves_empty_what_is_not_known():
  rows = [{'name': 'a', 'mae_m': 1.25}, {'name': 'b', 'mae_m': None}]
  columns = (('mae_m', 'MAE (m)', 1), ('ece', 'error', 2))
  assert places.markdown(rows, columns).splitlines() == [
    '| | MAE (m) | error |',
    '| --- | --- | --- |',
    '| a | 1.2 |  |',
    '| b |  |  |',
  ]


def test_pits_are_filled_in_what_is_scored():
  # As uneven as leaves: what is even is a roof.
  crown = np.random.default_rng(0).uniform(11, 16, (9, 9))
  crown[4, 4] = 0
  found = [_scene('hill', crown)]
  ((_, image, height),) = places.filled(found, radius_m=0.0)
  assert height.pixels[4, 4, 0] == 0
  ((_, image, height),) = places.filled(found, radius_m=2.0)
  assert height.pixels[4, 4, 0] > 10
  assert image is found[0][1]
