from absl.testing import flagsaver
import numpy as np
import pytest
import rasterio

from heightnet_tf.geo import reading
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes

_WINDOWS = {'window_px': 64, 'overlap_px': 24}


def _flags(values):
  return [f'--{name}={value}' for name, value in values.items()]


@pytest.mark.parametrize(
  ('scene', 'gsd', 'model'),
  [
    ('photo.png', {}, 'height_float32_any.tflite'),
    ('photo.png', {'gsd_m': 0.9}, 'height_float32_64.tflite'),
    ('scene.tif', {}, 'height_float32_any.tflite'),
  ],
)
def test_the_same_heights_as_predict_main(edge, load_main, scene, gsd, model):
  predict_main = load_main('predict_main')
  with flagsaver.flagsaver(
    model=[str(edge.models[model])],
    input=[str(edge.scenes[scene])],
    output=[str(edge.folder / 'main.npy')],
    **gsd,
    **_WINDOWS,
  ):
    predict_main.main(['predict_main.py'])
  done = edge.run(
    f'--model={edge.models[model]}',
    f'--input={edge.scenes[scene]}',
    '--output=edge.npy',
    *_flags(gsd | _WINDOWS),
  )
  assert done.returncode == 0, done.stderr

  wanted_m = np.load(edge.folder / 'main.npy')
  height_m = np.load(edge.folder / 'edge.npy')
  assert height_m.dtype == np.float32
  assert np.ptp(wanted_m[np.isfinite(wanted_m)]) > 10
  assert np.isnan(wanted_m).any() == (scene == 'scene.tif')
  np.testing.assert_allclose(height_m, wanted_m, atol=0.01)


def test_heights_and_spread_lie_where_the_geotiff_lies(edge):
  path = edge.models['height_int8_io_64.tflite']
  image = edge.scenes['scene.tif']
  done = edge.run(
    f'--model={path}',
    f'--input={image}',
    '--output=heights.tif',
    '--spread=spread.tif',
  )
  assert done.returncode == 0, done.stderr

  raster = reading.read_image(image)
  options = scenes.SceneOptions(
    window_px=64, overlap_px=128, batch_size=1, scale=None
  )
  wanted_m = scenes.predict_scene(
    backends.open_predictor(path), raster, options
  )
  with (
    rasterio.open(image) as like,
    rasterio.open(edge.folder / 'heights.tif') as made,
  ):
    assert made.crs == like.crs
    assert made.transform == like.transform
    assert made.dtypes == ('float32',)
    assert np.isnan(made.nodata)
    np.testing.assert_allclose(made.read(1), wanted_m, atol=0.01)
  with rasterio.open(edge.folder / 'spread.tif') as made:
    spread_m = made.read(1)
  assert np.nanmin(spread_m) > 0
  assert sorted(path.name for path in edge.folder.iterdir()) == [
    'heights.tif',
    'spread.tif',
  ]


@pytest.mark.parametrize(
  ('wishes', 'sentence'),
  [
    ({'model': 'none.tflite'}, 'none.tflite is not a .tflite file'),
    ({'output': 'heights.jpg'}, 'heights.jpg does not end in .npy'),
    ({'gsd_m': 9}, 'check --gsd_m'),
    ({'overlap_px': 64, 'window_px': 64}, 'Choose a smaller overlap'),
  ],
)
def test_mistakes_are_one_sentence(edge, wishes, sentence):
  done = edge.run(
    *_flags(
      {
        'model': edge.models['height_float32_any.tflite'],
        'input': edge.scenes['photo.png'],
        'output': 'heights.npy',
        **wishes,
      }
    )
  )
  assert done.returncode == 1
  assert sentence in done.stderr
  assert len(done.stderr.strip().splitlines()) == 1
  assert not list(edge.folder.iterdir())
