import functools
import http.server
import os
import threading
import zipfile

import numpy as np
import pytest
import rasterio
import rasterio.env
import rasterio.shutil

from heightnet_tf import errors
from heightnet_tf.geo import opening
from heightnet_tf.geo import reading
from tests import raster_files


@pytest.fixture
def path(tmp_path):
  return raster_files.write(
    tmp_path / 'a.tif',
    np.arange(216, dtype=np.uint8).reshape(3, 8, 9),
    transform=rasterio.Affine(2, 0, 10, 0, -2, 10),
  )


class _Quiet(http.server.SimpleHTTPRequestHandler):
  def log_message(self, *_):
    pass


@pytest.fixture
def address(path):
  """Serves the folder of `path` to this machine."""
  handler = functools.partial(_Quiet, directory=str(path.parent))
  with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()


@pytest.mark.parametrize(
  ('name', 'remote'),
  [
    ('https://a/b.tif', True),
    ('s3://a/b.tif', True),
    ('/vsizip/a.zip/b.tif', True),
    ('a.tif', False),
    ('/data/vsi/a.tif', False),
  ],
)
def test_what_is_far_away(name, remote):
  assert opening.is_remote(name) is remote


def test_an_image_from_an_address(path, address):
  there = reading.read_image(f'{address}/a.tif')
  here = reading.read_image(path)
  np.testing.assert_array_equal(there.pixels, here.pixels)
  assert there.gsd_m == 2


def test_an_address_without_an_image(address):
  with pytest.raises(errors.InputError, match=r'b\.tif cannot be read.*Check'):
    reading.read_image(f'{address}/b.tif')


def test_an_image_in_an_archive(path):
  with zipfile.ZipFile(path.with_name('a.zip'), 'w') as archive:
    archive.write(path, 'a.tif')
  name = f'/vsizip/{path.parent}/a.zip/a.tif'
  assert reading.read_image(name).shape == (8, 9)


def test_a_virtual_raster_is_as_old_as_its_sources(path):
  virtual = path.with_name('b.vrt')
  rasterio.shutil.copy(path, virtual, driver='VRT')
  with opening.open_raster(virtual) as dataset:
    names = opening.files_of(dataset)
  assert names == [str(path), str(virtual)]
  before = opening.state_of(names)
  os.utime(path, ns=(5, 5))
  after = opening.state_of(names)
  assert after != before
  assert after[0][2] == 5


def test_what_a_viewer_writes_beside_it_is_none_of_its_files(path):
  path.with_name('a.tif.aux.xml').write_text('<PAMDataset/>')
  with opening.open_raster(path) as dataset:
    assert opening.files_of(dataset) == [str(path)]


def test_a_raster_of_no_size_is_refused(tmp_path):
  empty = tmp_path / 'empty.vrt'
  empty.write_text('<VRTDataset rasterXSize="0" rasterYSize="0"></VRTDataset>')
  with pytest.raises(errors.InputError, match=r'empty\.vrt cannot be read'):
    opening.open_raster(empty)


def test_a_file_that_is_gone_has_no_state(path):
  path.unlink()
  assert opening.state_of([str(path)]) == [[str(path), None, None]]


def test_the_place_takes_no_memory(path):
  with opening.open_raster(path) as dataset:
    place = opening.without_pixels(dataset, path)
  assert place.shape == (8, 9)
  assert place.gsd_m == 2
  assert place.pixels.strides == (0, 0, 0)


@pytest.mark.parametrize(('width', 'grows'), [(100, False), (60_000, True)])
def test_a_row_of_blocks_fits_the_cache(tmp_path, width, grows):
  profile = {
    'driver': 'GTiff',
    'dtype': 'uint8',
    'count': 3,
    'width': width,
    'height': 2048,
    'tiled': True,
    'blockxsize': 512,
    'blockysize': 512,
    'sparse_ok': True,
  }
  opening.open_quietly(tmp_path / 'a.tif', 'w', **profile).close()
  before = rasterio.env.get_gdal_config('GDAL_CACHEMAX')
  try:
    rasterio.env.set_gdal_config('GDAL_CACHEMAX', 2**25)
    with opening.open_raster(tmp_path / 'a.tif') as dataset:
      opening.hold_blocks(dataset)
    found = rasterio.env.get_gdal_config('GDAL_CACHEMAX')
  finally:
    rasterio.env.set_gdal_config('GDAL_CACHEMAX', before)
  if grows:
    assert 512 * width * 3 < found < 2 * 512 * width * 3
  else:
    assert found == 2**25
