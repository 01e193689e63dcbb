import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.data import folder
from tests import raster_files


def _open(root, *, scale=1.0, nodata=None):
  return folder.FolderSource(
    root,
    folder.FolderOptions(
      image_suffix='',
      mask_suffix='',
      height_scale=scale,
      height_nodata=nodata,
    ),
  )


def test_reads_pairs(tmp_path, write_pair):
  write_pair(tmp_path, 'city_0_0', level=10, height_m=[0, 1, 2, 3, -9999, 5])
  write_pair(tmp_path, 'city_0_6', level=20)
  source = _open(tmp_path, scale=0.5, nodata=-9999)
  assert len(source) == 2
  assert source.names == ('city_0_0', 'city_0_6')
  assert source.groups == ('city', 'city')
  sample = source.read(0)
  assert (sample.name, sample.group, sample.gsd_m) == ('city_0_0', 'city', None)
  assert sample.image.dtype == np.uint8
  assert sample.height_m.dtype == np.float32
  np.testing.assert_array_equal(sample.image, np.full((4, 6, 3), 10))
  row = [0, 0.5, 1, 1.5, np.nan, 2.5]
  np.testing.assert_array_equal(sample.height_m, [row] * 4)
  assert source.read(1).image[0, 0, 0] == 20


def test_accepts_heights_as_folder(tmp_path, write_pair):
  write_pair(tmp_path, 'a')
  (tmp_path / 'masks').rename(tmp_path / 'heights')
  assert _open(tmp_path).read(0).height_m[0, 0] == 3


def test_knows_ground_size_and_forgets_heights_under_no_image(tmp_path):
  for name in ('imgs', 'masks'):
    (tmp_path / name).mkdir()
  image = np.array([[[9, 0]]] * 3, np.uint8)
  raster_files.write(tmp_path / 'imgs' / 'a.tif', image, nodata=0)
  raster_files.write(
    tmp_path / 'masks' / 'a.tif', np.array([[4, 5]], np.float32)
  )
  sample = _open(tmp_path).read(0)
  assert sample.gsd_m == pytest.approx(0.5)
  np.testing.assert_array_equal(sample.height_m, [[4, np.nan]])


def test_says_which_suffixes_it_recognised(tmp_path, write_pair, caplog):
  write_pair(tmp_path, 'a_3_1', suffixes=('_BAM', '_AGL'))
  with caplog.at_level('INFO', logger='absl'):
    assert _open(tmp_path).names == ('a_3_1',)
  assert 'NAME_BAM and NAME_AGL' in caplog.text


def test_version_follows_the_files(tmp_path, write_pair):
  write_pair(tmp_path, 'a')
  before = _open(tmp_path).version
  assert _open(tmp_path).version == before
  write_pair(tmp_path, 'b')
  assert _open(tmp_path).version != before


def test_missing_root(tmp_path):
  with pytest.raises(errors.InputError, match=r'No folder .*nowhere\.'):
    _open(tmp_path / 'nowhere')


@pytest.mark.parametrize('name', ['imgs', 'masks'])
def test_missing_folder(tmp_path, write_pair, name):
  write_pair(tmp_path, 'a')
  (tmp_path / name).rename(tmp_path / 'elsewhere')
  with pytest.raises(errors.InputError, match=rf'No folder .*{name}\.'):
    _open(tmp_path)


def test_two_folders_of_heights(tmp_path, write_pair):
  write_pair(tmp_path, 'a')
  (tmp_path / 'heights').mkdir()
  with pytest.raises(errors.PairingError, match='both masks and heights'):
    _open(tmp_path)


def test_sizes_that_differ(tmp_path, write_pair):
  write_pair(tmp_path / 'x', 'a', shape=(4, 6))
  write_pair(tmp_path / 'y', 'a', shape=(4, 5))
  (tmp_path / 'y' / 'masks' / 'a.tif').rename(
    tmp_path / 'x' / 'masks' / 'a.tif'
  )
  message = r'masks/a\.tif has 5 x 4 pixels, .*imgs/a\.png has 6 x 4\.'
  with pytest.raises(errors.PairingError, match=message):
    _open(tmp_path / 'x').read(0)


@pytest.mark.parametrize('name', ['imgs/a.png', 'masks/a.tif'])
def test_truncated_file(tmp_path, write_pair, name):
  write_pair(tmp_path, 'a', shape=(64, 64))
  path = tmp_path / name
  path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
  with pytest.raises(errors.InputError, match=rf'{name} cannot be read'):
    _open(tmp_path).read(0)
