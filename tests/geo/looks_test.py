import numpy as np
import pytest
import rasterio
import rasterio.enums
import rasterio.windows

from heightnet_tf import errors
from heightnet_tf.geo import looks
from tests import raster_files


@pytest.fixture
def dataset(tmp_path):
  """Makes an open file of [C, H, W]."""
  opened = []

  def make(pixels, *, colours=None, **options):
    path = tmp_path / f'{len(opened)}.tif'
    with raster_files.written(
      path, pixels, **{'photometric': 'MINISBLACK', **options}
    ) as out:
      if colours:
        out.colorinterp = [
          rasterio.enums.ColorInterp[colour] for colour in colours
        ]
    opened.append(rasterio.open(path))
    return opened[-1]

  yield make
  for one in opened:
    one.close()


def _bands(count, dtype='uint8'):
  """Band k holds k everywhere."""
  bands = np.arange(1, count + 1, dtype=dtype)[:, None, None]
  return np.broadcast_to(bands, (count, 4, 5))


def _look(dataset, **options):
  return looks.look_at(dataset, 'a.tif', **{'band_count': 3, **options})


def test_colours_are_found_in_whatever_order(dataset):
  file = dataset(_bands(4), colours=['blue', 'green', 'red', 'undefined'])
  look = _look(file)
  assert look.indices == (3, 2, 1)
  assert look.names == ('red', 'green', 'blue')
  pixels, known = look.read(file)
  assert pixels.shape == (4, 5, 3)
  assert pixels[0, 0].tolist() == [3, 2, 1]
  assert known.all()


def test_bands_can_be_chosen_and_repeated(dataset):
  file = dataset(_bands(2))
  look = _look(file, bands=(2, 2, 1))
  pixels, _ = look.read(file, window=rasterio.windows.Window(1, 1, 3, 2))
  assert pixels.shape == (2, 3, 3)
  assert pixels[0, 0].tolist() == [2, 2, 1]


def test_bands_that_are_not_there(dataset):
  file = dataset(_bands(2))
  with pytest.raises(errors.FlagError, match='names 2 bands'):
    _look(file, bands=(1, 2))
  with pytest.raises(errors.FlagError, match=r'band 3, a\.tif has 2'):
    _look(file, bands=(1, 2, 3))


@pytest.mark.parametrize('texts', [['a'], ['0', '1', '2'], ['1.5'], ['-1']])
def test_bands_are_whole_numbers(texts):
  with pytest.raises(errors.FlagError, match='are no bands'):
    looks.parse_bands(texts)


def test_bands_are_parsed():
  assert looks.parse_bands(['3', ' 2', '1']) == (3, 2, 1)
  assert looks.parse_bands(None) is None


def test_a_stretch_is_the_scenes_and_not_the_windows(dataset):
  ramp = np.arange(101, dtype=np.uint16).reshape(1, 1, 101).repeat(3, 0)
  file = dataset(ramp * 10)
  look = _look(file)
  np.testing.assert_allclose(look.stretch, [[20] * 3, [980] * 3])
  assert look.ranges().startswith('red 20 to 980, green')
  whole, _ = look.read(file)
  part, _ = look.read(file, window=rasterio.windows.Window(40, 0, 20, 1))
  np.testing.assert_array_equal(part, whole[:, 40:60])


def test_reflectance_with_holes(dataset):
  values = np.linspace(0, 0.4, 101, dtype=np.float32).reshape(1, 1, 101)
  values = values.repeat(3, 0)
  values[1, 0, 7] = np.nan
  file = dataset(values)
  look = _look(file)
  assert not look.all_known
  pixels, known = look.read(file)
  assert np.flatnonzero(~known[0]).tolist() == [7]
  assert pixels[0, 7].tolist() == [0, 0, 0]
  assert pixels[0, 99].tolist() == [255] * 3


def test_values_below_zero_are_stretched_too(dataset):
  values = np.arange(-50, 51, dtype=np.int16).reshape(1, 1, 101).repeat(3, 0)
  pixels, _ = _look(file := dataset(values)).read(file)
  assert pixels[0, [0, 50, 100], 0].tolist() == [0, 128, 255]


def test_complex_numbers_are_no_colours(dataset):
  with pytest.raises(errors.InputError, match='complex64, not colours'):
    _look(dataset(_bands(3, 'complex64')))


def test_eight_bits_stay_as_they_are(dataset):
  look = _look(dataset(_bands(3)))
  assert look.stretch is None
  assert look.all_known
  assert look.ranges() == ''
