import numpy as np
import PIL.Image
import pytest
import rasterio
import rasterio.crs
import rasterio.enums

from heightnet_tf import errors
from heightnet_tf.geo import reading
from tests import raster_files


def _write(path, pixels, alpha=False, mask=None, **options):
  """Writes [H, W, C] with a georeference."""
  options = {'crs': 'EPSG:32617', **options}
  with raster_files.written(
    path, np.moveaxis(pixels, -1, 0), **options
  ) as dataset:
    if alpha:
      last = [*dataset.colorinterp[:-1], rasterio.enums.ColorInterp.alpha]
      dataset.colorinterp = last
    if mask is not None:
      dataset.write_mask(mask)
  return path


def _picture(shape=(20, 30, 3), seed=0):
  return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def _height(path, *, scale=1.0, nodata=None):
  return reading.read_height(path, scale=scale, nodata=nodata)


def test_image_keeps_bytes_and_place(tmp_path):
  image = _picture()
  read = reading.read_image(_write(tmp_path / 'a.tif', image))
  np.testing.assert_array_equal(read.pixels, image)
  assert read.pixels.dtype == np.uint8
  assert read.crs == rasterio.crs.CRS.from_epsg(32617)
  assert read.transform == raster_files.PLACE
  assert read.gsd_m == pytest.approx(0.5)
  assert read.known.all()
  assert read.bands == ('red', 'green', 'blue')
  assert read.path.endswith('a.tif')


@pytest.mark.parametrize('suffix', ['.png', '.jpg', '.jp2'])
def test_pictures_are_read(tmp_path, suffix):
  image = np.full((64, 64, 3), (200, 100, 50), np.uint8)
  path = tmp_path / f'a{suffix}'
  if suffix == '.jp2':
    _write(path, image, driver='JP2OpenJPEG', QUALITY='100', REVERSIBLE='YES')
  else:
    PIL.Image.fromarray(image).save(path)
  read = reading.read_image(path)
  assert read.bands == ('red', 'green', 'blue')
  np.testing.assert_allclose(read.pixels, image, atol=2)


def test_picture_without_a_place_has_none(tmp_path):
  path = tmp_path / 'a.png'
  PIL.Image.fromarray(_picture()).save(path)
  read = reading.read_image(path)
  assert (read.crs, read.transform, read.gsd_m) == (None, None, None)


def test_palette_is_expanded(tmp_path):
  path = tmp_path / 'a.png'
  picture = PIL.Image.new('P', (2, 1))
  picture.putpalette([10, 20, 30, 40, 50, 60])
  picture.putdata([1, 0])
  picture.save(path)
  read = reading.read_image(path)
  assert read.pixels.tolist() == [[[40, 50, 60], [10, 20, 30]]]


def test_alpha_says_what_is_known(tmp_path):
  image = _picture((4, 4, 4))
  image[..., 3] = 255
  image[0, 0, 3] = 0
  read = reading.read_image(_write(tmp_path / 'a.tif', image, alpha=True))
  assert read.pixels.shape == (4, 4, 3)
  assert not read.known[0, 0]
  assert read.known.sum() == 15


def test_mask_and_nodata_say_what_is_known(tmp_path):
  image = np.full((4, 4, 3), 9, np.uint8)
  mask = np.full((4, 4), 255, np.uint8)
  mask[1, 2] = 0
  with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
    masked = reading.read_image(_write(tmp_path / 'a.tif', image, mask=mask))
  assert np.argwhere(~masked.known).tolist() == [[1, 2]]
  image[2, 3] = 0
  tagged = reading.read_image(_write(tmp_path / 'b.tif', image, nodata=0))
  assert np.argwhere(~tagged.known).tolist() == [[2, 3]]


def test_bands_beyond_the_wanted_are_left_out(tmp_path):
  image = _picture((4, 4, 5))
  path = _write(tmp_path / 'a.tif', image)
  np.testing.assert_array_equal(reading.read_image(path).pixels, image[..., :3])
  four = reading.read_image(path, band_count=4)
  np.testing.assert_array_equal(four.pixels, image[..., :4])
  assert four.bands[3] == 'band_4'


@pytest.mark.parametrize('dtype', ['uint16', 'int16', 'float32'])
def test_deeper_images_are_stretched_between_percentiles(tmp_path, dtype):
  # 0 to 100 in steps of 1: the 2nd percentile is 2, the 98th is 98.
  ramp = np.arange(101, dtype=dtype).reshape(1, 101, 1)
  image = np.concatenate([ramp, 10 * ramp, 3 * ramp + 7], axis=2)
  read = reading.read_image(_write(tmp_path / 'a.tif', image))
  expected = np.rint(255 * np.clip((np.arange(101) - 2) / 96, 0, 1))
  for band in range(3):
    np.testing.assert_allclose(read.pixels[0, :, band], expected, atol=1)
  assert read.pixels[0, 2, 0] == 0
  assert read.pixels[0, 98, 0] == 255


def test_stretch_leaves_out_what_is_unknown(tmp_path):
  image = np.tile(
    np.arange(101, dtype=np.float32).reshape(1, 101, 1), (2, 1, 3)
  )
  image[1] = 1e6
  image[1, :, 1] = np.nan
  read = reading.read_image(_write(tmp_path / 'a.tif', image))
  assert read.known.sum() == 101
  assert read.pixels[0, 98, 0] == 255
  assert not read.pixels[1].any()


def test_even_deep_image_is_read_without_a_warning(tmp_path):
  image = np.full((3, 3, 3), 700, np.uint16)
  read = reading.read_image(_write(tmp_path / 'a.tif', image))
  assert len(np.unique(read.pixels)) == 1


@pytest.mark.parametrize('count', [1, 2])
def test_too_few_bands_are_refused(tmp_path, count):
  path = _write(tmp_path / 'a.tif', _picture((4, 4, count)))
  with pytest.raises(errors.InputError, match=rf'a\.tif has {count} band.* 3'):
    reading.read_image(path)


def test_rgb_with_alpha_is_not_four_bands(tmp_path):
  path = _write(tmp_path / 'a.tif', _picture((4, 4, 4)), alpha=True)
  with pytest.raises(errors.InputError, match=r'has 3 band.* 4'):
    reading.read_image(path, band_count=4)


@pytest.mark.parametrize('read', [reading.read_image, _height])
def test_missing_file_and_folder_are_named(tmp_path, read):
  with pytest.raises(errors.InputError, match=r'gone\.tif does not exist'):
    read(tmp_path / 'gone.tif')
  with pytest.raises(errors.InputError, match='is a folder'):
    read(tmp_path)


@pytest.mark.parametrize('suffix', ['.tif', '.png', '.jpg', '.jp2'])
@pytest.mark.parametrize('share', [0.02, 0.5, 0.98])
def test_truncated_image_is_refused(tmp_path, suffix, share):
  path = tmp_path / f'a{suffix}'
  if suffix in ('.tif', '.jp2'):
    driver = 'GTiff' if suffix == '.tif' else 'JP2OpenJPEG'
    _write(path, _picture((64, 64, 3)), driver=driver)
  else:
    PIL.Image.fromarray(_picture((64, 64, 3))).save(path)
  content = path.read_bytes()
  path.write_bytes(content[: int(share * len(content))])
  with pytest.raises(errors.InputError, match=f'a{suffix} cannot be read'):
    reading.read_image(path)


@pytest.mark.parametrize('content', [b'', b'not an image at all'])
def test_foreign_file_is_refused(tmp_path, content):
  path = tmp_path / 'a.tif'
  path.write_bytes(content)
  with pytest.raises(errors.InputError, match=r'a\.tif cannot be read'):
    _height(path)


@pytest.mark.parametrize(
  ('name', 'wanted'),
  [('a.TIF', True), ('a.j2k', True), ('a.tfw', False), ('._a.tif', False)],
)
def test_names_to_look_at(name, wanted):
  assert reading.is_raster_name(name) is wanted


def test_a_large_png_is_no_bomb(tmp_path, monkeypatch):
  monkeypatch.setattr(PIL.Image, 'MAX_IMAGE_PIXELS', 10)
  path = tmp_path / 'a.png'
  PIL.Image.fromarray(_picture((64, 64, 3))).save(path)
  assert reading.read_image(path).shape == (64, 64)


def test_damaged_png_is_refused(tmp_path):
  path = tmp_path / 'a.png'
  PIL.Image.fromarray(_picture((64, 64, 3))).save(path)
  content = bytearray(path.read_bytes())
  content[len(content) // 2] ^= 0xFF
  path.write_bytes(content)
  with pytest.raises(errors.InputError, match='cannot be read'):
    reading.read_image(path)


def test_truncated_height_is_refused(tmp_path):
  heights = np.ones((64, 64, 1), np.float32)
  path = _write(tmp_path / 'a.tif', heights)
  path.write_bytes(path.read_bytes()[:-2000])
  with pytest.raises(errors.InputError, match='cannot be read'):
    _height(path)


def test_height_is_unknown_where_anything_says_so(tmp_path):
  stored = np.array([[-9999, 5, np.nan], [np.inf, 255, -2]], np.float32)
  path = _write(tmp_path / 'a.tif', stored[..., np.newaxis], nodata=-9999)
  read = _height(path, nodata=255)
  nan = np.nan
  np.testing.assert_array_equal(
    read.pixels[..., 0], np.float32([[nan, 5, nan], [nan, nan, -2]])
  )
  np.testing.assert_array_equal(read.known, np.isfinite(read.pixels[..., 0]))
  assert read.pixels.dtype == np.float32
  assert read.bands == ('height_m',)


def test_height_without_a_tag_is_taken_as_it_is(tmp_path):
  stored = np.array([[-9999, 0]], np.float32)[..., np.newaxis]
  read = _height(_write(tmp_path / 'a.tif', stored))
  assert read.pixels[..., 0].tolist() == [[-9999, 0]]


def test_centimetres_with_their_nodata(tmp_path):
  stored = np.array([[0, 1234, 65535]], np.uint16)[..., np.newaxis]
  read = _height(_write(tmp_path / 'a.tif', stored), scale=0.01, nodata=65535)
  np.testing.assert_allclose(
    read.pixels[0, :, 0], [0, 12.34, np.nan], rtol=1e-6
  )


@pytest.mark.parametrize('nodata', [-9999.0, 65535.0, 1e300, float('nan')])
def test_nodata_that_the_type_cannot_hold_matches_nothing(tmp_path, nodata):
  for dtype in (np.uint8, np.float32):
    stored = np.array([[0, 7]], dtype)[..., np.newaxis]
    read = _height(_write(tmp_path / 'a.tif', stored), nodata=nodata)
    assert read.pixels[..., 0].tolist() == [[0, 7]]


def test_double_height_too_large_for_a_float_is_unknown(tmp_path):
  stored = np.array([[-1.797e308, 3]], np.float64)[..., np.newaxis]
  read = _height(_write(tmp_path / 'a.tif', stored))
  assert read.known.tolist() == [[False, True]]


def test_scale_and_offset_of_the_file_count(tmp_path):
  stored = np.array([[10, 20]], np.int16)[..., np.newaxis]
  path = _write(tmp_path / 'a.tif', stored)
  with rasterio.open(path, 'r+') as dataset:
    dataset.scales, dataset.offsets = (0.1,), (2.0,)
  np.testing.assert_allclose(_height(path).pixels[0, :, 0], [3, 4])


def test_sixteen_bit_png_height(tmp_path):
  path = tmp_path / 'a.png'
  PIL.Image.fromarray(np.array([[0, 40000]], np.uint16)).save(path)
  np.testing.assert_allclose(
    _height(path, scale=0.001).pixels[0, :, 0], [0, 40]
  )


def test_height_of_several_bands_is_refused(tmp_path):
  path = _write(tmp_path / 'a.tif', _picture())
  with pytest.raises(errors.InputError, match=r'has 3 bands.*one band'):
    _height(path)


def test_place_is_read_without_pixels(tmp_path):
  path = _write(tmp_path / 'a.tif', _picture())
  place = reading.read_place(path)
  assert place.shape == (20, 30)
  assert place.transform == raster_files.PLACE
  assert place.pixels.strides == (0, 0, 0)
