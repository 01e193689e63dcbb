from absl.testing import flagsaver
import affine
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.buildings import polygons
from tests import raster_files


@pytest.fixture
def heights(tmp_path):
  height_m = np.zeros((20, 30), np.float32)
  height_m[2:12, 3:13] = 5.0
  return raster_files.write(
    tmp_path / 'height.tif',
    height_m,
    transform=affine.Affine(1, 0, 500000, 0, -1, 4200000),
  )


def test_objects_become_footprints(tmp_path, heights, load_main):
  main = load_main('buildings_main')
  objects = tmp_path / 'objects.gpkg'
  with flagsaver.flagsaver(heights=str(heights), objects=str(objects)):
    main.main(['buildings_main.py'])
  city = tmp_path / 'out.city.json'
  with flagsaver.flagsaver(
    heights=str(heights), footprints=str(objects), city_json=str(city)
  ):
    main.main(['buildings_main.py'])
  found = polygons.read(tmp_path / 'height_footprints.gpkg').attributes
  assert found['height_m'].to_pylist() == [5.0]
  assert found['pixels'].to_pylist() == [100]
  assert city.exists()


def test_nothing_to_do(heights, load_main):
  main = load_main('buildings_main')
  with (
    flagsaver.flagsaver(heights=str(heights)),
    pytest.raises(errors.FlagError, match='Nothing to do'),
  ):
    main.main(['buildings_main.py'])
