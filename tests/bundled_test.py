import fnmatch
import pathlib
import tomllib

from absl import flags
from absl.testing import flagsaver
import numpy as np
import pytest
import rasterio

from heightnet_tf import bundled
from heightnet_tf import errors
from heightnet_tf.inference import backends
from tests import raster_files

_PYPROJECT = pathlib.Path(__file__).parent.parent / 'pyproject.toml'
_FILES = ('height.keras', 'height_float16.tflite', 'height_int8.tflite')


@pytest.mark.parametrize(
  ('name', 'default'),
  [
    ('predict_main', [bundled.QUICK_MODEL]),
    ('batch_main', [bundled.QUICK_MODEL]),
    ('evaluate_main', bundled.MODEL),
    ('export_main', bundled.MODEL),
    ('serve_main', bundled.MODEL),
  ],
)
def test_it_is_the_model_if_none_is_given(load_main, name, default):
  assert load_main(name)._MODEL.default == default


def test_a_model_given_replaces_it(load_main):
  load_main('predict_main')
  flag = flags.FLAGS['model']
  flag.parse('mine.keras')
  assert flag.value == ['mine.keras']


def test_predicts_with_image_and_output_alone(
  tmp_path, model_path, monkeypatch, load_main
):
  monkeypatch.setattr(bundled, 'QUICK_MODEL', str(model_path))
  predict_main = load_main('predict_main')
  pixels = np.full((3, 40, 50), 60, np.uint8)
  scene = raster_files.write(tmp_path / 'scene.tif', pixels)
  output = tmp_path / 'height.tif'
  with flagsaver.flagsaver(input=[str(scene)], output=[str(output)]):
    predict_main.main(['predict_main.py'])
  with rasterio.open(output) as heights:
    np.testing.assert_allclose(heights.read(1), 6, rtol=1e-4)


def test_a_copy_without_it_says_so(tmp_path, monkeypatch, load_main):
  monkeypatch.setattr(bundled, 'QUICK_MODEL', str(tmp_path / 'height.tflite'))
  predict_main = load_main('predict_main')
  scene = raster_files.write(
    tmp_path / 'scene.tif', np.zeros((3, 8, 8), np.uint8)
  )
  with (
    flagsaver.flagsaver(input=[str(scene)]),
    pytest.raises(errors.ModelFileError, match=r'No model at .*height\.tflite'),
  ):
    predict_main.main(['predict_main.py'])


def test_an_installation_brings_it():
  settings = tomllib.loads(_PYPROJECT.read_text(encoding='utf-8'))
  patterns = settings['tool']['setuptools']['package-data']['heightnet_tf']
  package = bundled.FOLDER.parent
  for name in (*_FILES, 'README.md'):
    path = (bundled.FOLDER / name).relative_to(package).as_posix()
    assert any(fnmatch.fnmatch(path, pattern) for pattern in patterns), path


# True of the files that are there, once they are there.


@pytest.fixture(params=_FILES)
def path(request):
  path = bundled.FOLDER / request.param
  if not path.exists():
    pytest.skip(f'This copy has no {path.name} yet.')
  return path


def test_it_is_small_and_predicts_metres(path):
  assert path.stat().st_size <= 10e6
  predictor = backends.open_predictor(path)
  card = predictor.card
  assert card.gsd_m > 0
  assert card.bands == ('red', 'green', 'blue')
  assert card.outputs[0] == 'height_m'
  side = predictor.fixed_px or card.window_px
  image = np.random.default_rng(0).uniform(0, 255, (1, side, side, 3))
  outputs = predictor(image.astype(np.float32))
  assert outputs.shape == (1, side, side, len(card.outputs))
  assert np.isfinite(outputs).all()
  assert outputs[..., 0].min() > -10
  assert outputs[..., 0].max() < 300
