import numpy as np
import PIL.Image
import pytest

from heightnet_tf import errors
from heightnet_tf.geo import scene_rows
from tests import raster_files


def _noise():
  return np.random.default_rng(0).integers(0, 256, (3, 70, 40), dtype=np.uint8)


def _open(path, nodata=None):
  return scene_rows.FileRows(path, band_count=3, bands=None, nodata=nodata)


def test_rows_of_a_file_and_of_an_array(tmp_path):
  pixels = np.moveaxis(_noise(), 0, -1)
  with _open(raster_files.write(tmp_path / 'a.tif', _noise())) as file:
    for scene in (file, scene_rows.ArrayRows(pixels)):
      assert scene.shape == (70, 40)
      assert scene.all_known
      rows, known = scene.read(7, 30)
      np.testing.assert_array_equal(rows, pixels[7:30])
      assert known.shape == (23, 40)
      assert known.all()


def test_a_value_in_all_bands_can_mean_unknown(tmp_path):
  pixels = np.full((3, 4, 5), 9, np.uint8)
  pixels[:, 0] = 0
  pixels[0, 1] = 0
  path = raster_files.write(tmp_path / 'a.tif', pixels)
  with _open(path) as scene:
    assert scene.read(0, 4)[1].all()
    assert scene.black == 5
  with _open(path, nodata=0) as scene:
    assert not scene.all_known
    known = scene.read(0, 4)[1]
    assert not known[0].any()
    assert known[1:].all()
    assert scene.black == 0


def test_nothing_but_damage_is_an_error(tmp_path):
  path = raster_files.write(tmp_path / 'a.tif', _noise(), compress='deflate')
  content = path.read_bytes()
  path.write_bytes(content[: len(content) // 5])
  with (
    pytest.raises(errors.InputError, match='cannot be read'),
    _open(path) as scene,
  ):
    scene.read(0, 70)


def test_a_server_that_fails_is_no_damage(tmp_path, monkeypatch):
  path = raster_files.write(tmp_path / 'a.tif', _noise(), compress='deflate')
  content = path.read_bytes()
  path.write_bytes(content[: len(content) // 2])
  monkeypatch.setattr(scene_rows.opening, 'is_remote', lambda name: True)
  with (
    pytest.raises(errors.ServerError, match='goes on where it was'),
    _open(path) as scene,
  ):
    scene.read(0, 70)


def test_what_is_read_in_lines_is_whole_or_refused(tmp_path):
  path = tmp_path / 'a.jpg'
  PIL.Image.fromarray(np.moveaxis(_noise(), 0, -1)).save(path)
  content = path.read_bytes()
  path.write_bytes(content[: len(content) // 2])
  with (
    pytest.raises(errors.InputError, match='cannot be read'),
    _open(path) as scene,
  ):
    scene.read(0, 70)


def test_a_file_that_grows_is_noticed(tmp_path):
  path = raster_files.write(tmp_path / 'a.tif', _noise())
  with _open(path) as scene:
    scene.read(0, 10)
    with path.open('ab') as stream:
      stream.write(b'more')
    with pytest.raises(errors.InputError, match='changed while it was read'):
      scene.read(10, 20)


@pytest.mark.parametrize(
  ('bands', 'options', 'guessed'),
  [
    (3, {'photometric': 'RGB'}, False),
    (4, {'photometric': 'RGB'}, False),
    (3, {'photometric': 'MINISBLACK'}, False),
    (5, {'photometric': 'MINISBLACK'}, True),
  ],
)
def test_whether_colours_are_guessed(tmp_path, bands, options, guessed):
  pixels = np.zeros((bands, 4, 4), np.uint8)
  with _open(
    raster_files.write(tmp_path / 'a.tif', pixels, **options)
  ) as scene:
    assert scene.guessed is guessed
