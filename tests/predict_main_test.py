from absl import flags
from absl.testing import flagsaver
import numpy as np
import PIL.Image
import pytest
import rasterio
import shapely

from heightnet_tf import errors
from heightnet_tf.buildings import polygons
from heightnet_tf.geo import reading
from tests import broken_files
from tests import raster_files


@pytest.fixture
def scene(tmp_path):
  pixels = np.random.default_rng(0).integers(0, 255, (3, 45, 70), np.uint8)
  return raster_files.write(tmp_path / 'scene.tif', pixels)


@pytest.fixture
def picture(tmp_path):
  path = tmp_path / 'small.png'
  PIL.Image.new('RGB', (7, 5), (20, 40, 60)).save(path)
  return path


@pytest.fixture
def predict(load_main):
  """Runs the script on positional names and flags."""
  predict_main = load_main('predict_main')

  def run(*names, **values):
    values = {'window_px': 32, 'overlap_px': 8, **values}
    with flagsaver.flagsaver(**values):
      predict_main.main(['predict_main.py', *map(str, names)])

  return run


def test_scene_with_viz_and_mask(tmp_path, model_path, scene, predict):
  out = tmp_path / 'out' / 'heights.tif'
  predict(
    model=str(model_path),
    input=[str(scene)],
    output=[str(out)],
    viz=True,
    mask_threshold=12.0,
  )
  with rasterio.open(scene) as image, rasterio.open(out) as heights:
    expected_m = image.read().mean(0) / 10
    assert heights.crs == image.crs
    assert heights.transform == image.transform
    height_m = heights.read(1)
  np.testing.assert_allclose(height_m, expected_m, atol=1e-3)
  with rasterio.open(out.with_name('heights_mask.tif')) as mask:
    np.testing.assert_array_equal(mask.read(1), height_m > 12)
  with PIL.Image.open(out.with_name('heights_viz.png')) as viz:
    assert viz.width > 3 * viz.height / 2


def test_buildings_in_one_go(tmp_path, model_path, scene, predict):
  heights = tmp_path / 'heights.tif'
  city = tmp_path / 'out.city.json'
  footprints = tmp_path / 'in.geojson'
  with rasterio.open(scene) as image:
    box = shapely.box(*image.bounds)
  footprints.write_text(
    '{"type": "FeatureCollection", "crs": {"type": "name", "properties": '
    f'{{"name": "{image.crs}"}}}}, "features": [{{"type": "Feature", '
    f'"properties": {{}}, "geometry": {shapely.to_geojson(box)}}}]}}'
  )
  predict(
    scene,
    model=str(model_path),
    output=[str(heights)],
    footprints=str(footprints),
    city_json=str(city),
  )
  found = polygons.read(tmp_path / 'heights_footprints.gpkg').attributes
  with rasterio.open(heights) as dataset:
    median_m = float(np.median(dataset.read(1)))
  assert found['height_m'].to_pylist() == [pytest.approx(median_m, abs=1e-3)]
  assert city.exists()


def test_buildings_need_one_scene_with_a_place(
  tmp_path, model_path, scene, picture, predict
):
  wish = {'model': str(model_path), 'objects': str(tmp_path / 'o.gpkg')}
  with pytest.raises(errors.FlagError, match='2 images'):
    predict(scene, picture, **wish)
  with pytest.raises(errors.InputError, match='no georeference'):
    predict(picture, **wish)
  assert not list(tmp_path.glob('*_height.tif'))


def test_many_inputs_of_which_one_is_smaller_than_a_window(
  tmp_path, model_path, scene, picture, predict
):
  predict(
    picture,
    model=str(model_path),
    input=[str(scene)],
    output=[str(tmp_path / 'out')],
  )
  written = sorted(path.name for path in (tmp_path / 'out').iterdir())
  assert written == ['scene_height.tif', 'small_height.tif']
  small = reading.read_height(
    tmp_path / 'out' / 'small_height.tif', scale=1.0, nodata=None
  )
  np.testing.assert_allclose(
    small.pixels[..., 0], np.full((5, 7), 4), rtol=1e-5
  )


def test_the_picture_alone(tmp_path, model_path, picture, predict):
  predict(picture, model=str(model_path), viz=True, no_save=True)
  names = sorted(path.name for path in tmp_path.iterdir())
  assert names == ['small.png', 'small_viz.png']


def test_a_damaged_image_leaves_no_result(tmp_path, model_path, scene, predict):
  scene.write_bytes(scene.read_bytes()[:500])
  with pytest.raises(errors.InputError, match=r'scene\.tif'):
    predict(scene, model=str(model_path))
  assert [path.name for path in tmp_path.iterdir()] == ['scene.tif']


def test_around_a_damaged_block_all_is_written(
  tmp_path, model_path, scene, predict
):
  pixels = np.full((3, 160, 80), 90, np.uint8)
  raster_files.write(scene, pixels, **raster_files.TILED)
  broken_files.damage_block(scene, 1, 0)
  with pytest.raises(errors.InputError, match=r'4096 pixels.*damaged'):
    predict(scene, model=str(model_path), viz=True, mask_threshold=5.0)
  with rasterio.open(tmp_path / 'scene_height.tif') as dataset:
    assert np.isnan(dataset.read(1)).sum() == 4096
  with PIL.Image.open(tmp_path / 'scene_viz.png') as viz:
    # A block is 0.32 of each map of 900 by 450; in the third it is faded.
    grey = (np.asarray(viz) == 190).all(-1)
    np.testing.assert_allclose(grey.sum(), 2 * 0.32 * 900 * 450, rtol=0.05)
  assert (tmp_path / 'scene_mask.tif').exists()


def test_wrong_number_of_bands(tmp_path, model_path, predict):
  grey = tmp_path / 'grey.png'
  PIL.Image.new('L', (7, 5)).save(grey)
  with pytest.raises(errors.InputError, match=r'grey\.png has 1 band'):
    predict(grey, model=str(model_path))


def test_outputs_are_checked_before_the_model_is_opened(
  tmp_path, picture, predict
):
  with pytest.raises(errors.OutputError, match=r'out\.gif'):
    predict(picture, model='none.keras', output=[str(tmp_path / 'out.gif')])


def test_missing_model(picture, predict):
  with pytest.raises(errors.ModelFileError, match=r'No model at none\.keras'):
    predict(picture, model='none.keras')
  with pytest.raises(errors.FlagError, match='--model is needed'):
    predict(picture, model=[])


def test_spellings_of_the_seed(load_main):
  load_main('predict_main')
  with flagsaver.flagsaver():
    left = flags.FLAGS(
      [
        'predict_main.py',
        *('-m', 'a.keras', '-i', 'b.png', '-o', 'c.jpg', '--no-save'),
        *('--mask-threshold', '3', 'd.png', '-s', '0.5', '--viz'),
      ]
    )
    assert left[1:] == ['d.png']
    assert flags.FLAGS.model == ['a.keras']
    assert flags.FLAGS.input == ['b.png']
    assert flags.FLAGS.output == ['c.jpg']
    assert flags.FLAGS.no_save
    assert flags.FLAGS.mask_threshold == 3
    assert flags.FLAGS.scale == 0.5
    assert flags.FLAGS.viz
