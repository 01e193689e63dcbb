import affine
import numpy as np
import pytest
import rasterio.crs

from heightnet_tf import errors
from heightnet_tf.geo import raster as rasters
from heightnet_tf.pictures import views
from tests import raster_files

UTM = rasterio.crs.CRS.from_epsg(32616)
PLACE = affine.Affine(0.5, 0, 700000, 0, -0.5, 4200000)


@pytest.fixture
def files(tmp_path):
  """Writes an image of some bands and its heights; gives both paths."""

  def write(*, bands=3, placed=True):
    where = {} if placed else {'crs': None, 'transform': None}
    image = np.full((bands, 40, 50), 90, np.uint8)
    height_m = np.zeros((1, 40, 50), np.float32)
    height_m[:, 10:20] = 8.0
    paths = tmp_path / 'image.tif', tmp_path / 'height.tif'
    for path, pixels in zip(paths, (image, height_m), strict=True):
      raster_files.write(path, pixels, **where)
    return paths

  return write


@pytest.mark.parametrize('bands', [1, 2, 3, 4, 13])
def test_any_number_of_bands_is_shown(files, bands):
  picture = np.asarray(views.of_files(*files(bands=bands)))
  assert (picture == 90).all(-1).sum() > 700 * 900


@pytest.mark.filterwarnings('ignore::rasterio.errors.NotGeoreferencedWarning')
def test_only_a_placed_scene_gets_a_footer(files):
  with_footer = views.of_files(*files()).height
  assert views.of_files(*files(placed=False)).height < with_footer


def test_steps_of_the_middle():
  found = views.steps_m(_raster(UTM, PLACE))
  np.testing.assert_allclose(np.linalg.norm(found, axis=1), 0.5, rtol=1e-3)


def test_no_steps_without_a_place_on_the_earth():
  local = rasterio.crs.CRS.from_wkt('LOCAL_CS["hall",UNIT["metre",1]]')
  assert views.steps_m(_raster(None, PLACE)) is None
  assert views.steps_m(_raster(UTM, None)) is None
  assert views.steps_m(_raster(local, PLACE)) is None
  # Beyond the pole.
  degrees = rasterio.crs.CRS.from_epsg(4326)
  beyond = affine.Affine(1, 0, 0, 0, -1, 200)
  assert views.steps_m(_raster(degrees, beyond)) is None


def test_a_missing_file(tmp_path, files):
  image, _ = files()
  with pytest.raises(errors.InputError, match='does not exist'):
    views.of_files(image, tmp_path / 'none.tif')


def _raster(crs, transform):
  return rasters.Raster(
    pixels=np.zeros((4, 6, 1), np.uint8),
    known=np.ones((4, 6), bool),
    bands=('nothing',),
    crs=crs,
    transform=transform,
    path='scene.tif',
  )
