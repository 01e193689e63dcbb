import affine
import numpy as np
import pytest

from heightnet_tf.geo import overview
from tests import broken_files
from tests import raster_files


def test_the_known_are_averaged(tmp_path):
  height_m = np.arange(16, dtype=np.float32).reshape(4, 4)
  height_m[0, 0] = -9999
  height_m[2:, 2:] = -9999
  raster_files.write(tmp_path / 'h.tif', height_m, nodata=-9999)
  found = overview.read_heights(tmp_path / 'h.tif', most_px=2)
  # (1 + 4 + 5) / 3, (2 + 3 + 6 + 7) / 4, (8 + 9 + 12 + 13) / 4, nothing.
  np.testing.assert_allclose(
    found.pixels[..., 0], [[10 / 3, 4.5], [10.5, np.nan]], rtol=1e-6
  )
  assert found.transform == raster_files.PLACE @ affine.Affine.scale(2, 2)
  np.testing.assert_array_equal(found.known, [[True, True], [True, False]])


def test_a_small_file_stays_as_it_is(tmp_path):
  height_m = np.arange(6, dtype=np.float32).reshape(2, 3)
  height_m[1, 1] = np.nan
  raster_files.write(tmp_path / 'h.tif', height_m, nodata=np.nan)
  found = overview.read_heights(tmp_path / 'h.tif', most_px=100)
  np.testing.assert_array_equal(found.pixels[..., 0], height_m)
  assert found.transform == raster_files.PLACE


def test_an_image_is_read_every_so_many_th_pixel(tmp_path):
  pixels = np.arange(3 * 8 * 4, dtype=np.uint8).reshape(3, 8, 4)
  raster_files.write(tmp_path / 'i.tif', pixels)
  found = overview.read_image(tmp_path / 'i.tif', bands=(3, 2, 1), most_px=4)
  assert found.shape == (4, 2)
  assert found.transform == raster_files.PLACE @ affine.Affine.scale(2, 2)
  # Band 3 starts at 64; half as many rows of four, half as many columns.
  np.testing.assert_array_equal(np.diff(found.pixels[..., 0], axis=0), 8)
  np.testing.assert_array_equal(np.diff(found.pixels[..., 0], axis=1), 2)


@pytest.mark.parametrize('most_px', [160, 40])
def test_around_a_damaged_block_an_image_is_read(tmp_path, most_px):
  path = tmp_path / 'i.tif'
  pixels = np.full((3, 160, 80), 90, np.uint8)
  raster_files.write(path, pixels, **raster_files.TILED)
  broken_files.damage_block(path, 1, 0)
  found = overview.read_image(path, bands=None, most_px=most_px)
  lost = np.zeros((160, 80), bool)
  lost[64:128, :64] = True
  lost = lost[:: 160 // most_px, :: 160 // most_px]
  np.testing.assert_array_equal(found.known, ~lost)
  np.testing.assert_array_equal(found.pixels[..., 1], np.where(lost, 0, 90))
