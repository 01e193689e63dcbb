import os
import pathlib
import signal
import subprocess
import sys

import affine
import numpy as np
import pytest
import rasterio

from heightnet_tf import errors
from heightnet_tf.geo import opening
from heightnet_tf.geo import unfinished
from heightnet_tf.inference import results
from heightnet_tf.inference import running
from heightnet_tf.inference import scenes
from tests import broken_files
from tests import raster_files

SHAPE = (700, 90)


@pytest.fixture
def scene(tmp_path):
  return _write(tmp_path / 'scene.tif', _noise())


def _noise(bands=3):
  return np.random.default_rng(0).integers(
    1, 255, (bands, *SHAPE), dtype=np.uint8
  )


def _write(path, pixels, **options):
  """Writes [C, H, W] as a tiled GeoTIFF."""
  return raster_files.write(path, pixels, **raster_files.TILED, **options)


def _options(**fields):
  return running.Options(
    **{
      'scene': scenes.SceneOptions(
        window_px=32, overlap_px=8, batch_size=4, scale=None
      ),
      'gsd_m': None,
      'bands': None,
      'nodata': None,
      'mask_threshold_m': None,
      'models': ('test',),
      'tta': False,
      **fields,
    }
  )


def _job(image):
  image = pathlib.Path(image)
  return results.Job(
    image=str(image),
    height=image.with_name('out.tif'),
    viz=None,
    mask=None,
  )


def _run(image, predictor, **fields):
  unreadable = running.run(_job(image), predictor, _options(**fields))
  with opening.open_quietly(_job(image).height) as dataset:
    return dataset.read(1), unreadable


def test_a_scene_becomes_a_geotiff_on_its_grid(scene, mean_predictor, capsys):
  height_m, unreadable = _run(scene, mean_predictor)
  np.testing.assert_allclose(height_m, _noise().mean(0) / 10, atol=1e-3)
  assert unreadable == 0
  with rasterio.open(scene.with_name('out.tif')) as dataset:
    assert dataset.transform == raster_files.PLACE
    assert dataset.crs.to_epsg() == 32610
    assert dataset.tags(ns='IMAGE_STRUCTURE')['LAYOUT'] == 'COG'
  assert sorted(path.name for path in scene.parent.iterdir()) == [
    'out.tif',
    'scene.tif',
  ]
  assert not capsys.readouterr().err


def test_a_validator_finds_it_cloud_optimized(scene, mean_predictor):
  cogeo = pytest.importorskip(
    'rio_cogeo', reason='rio-cogeo, of requirements-dev.txt, is not installed'
  )
  _run(scene, mean_predictor)
  out = scene.with_name('out.tif')
  assert cogeo.cog_validate(out, strict=True) == (True, [], [])
  # The scene itself is tiled, and has no overviews.
  assert not cogeo.cog_validate(scene, strict=True)[0]


class KilledError(Exception):
  """Stands for the end of the process."""


class FailingPredictor:
  """Fails at a call."""

  def __init__(self, predictor, calls):
    self.card, self.fixed_px = predictor.card, None
    self._predictor, self._left = predictor, calls

  def __call__(self, image):
    self._left -= 1
    if self._left < 0:
      raise KilledError
    return self._predictor(image)


@pytest.mark.parametrize('calls', [0, 20, 40, 58])
def test_interrupted_it_goes_on_and_the_bits_are_the_same(
  scene, mean_predictor, calls
):
  _run(scene, mean_predictor)
  whole = scene.with_name('out.tif').read_bytes()
  scene.with_name('out.tif').unlink()
  everything = len(mean_predictor.shapes)
  with pytest.raises(KilledError):
    _run(scene, FailingPredictor(mean_predictor, calls))
  assert not scene.with_name('out.tif').exists()
  mean_predictor.shapes.clear()
  _run(scene, mean_predictor)
  assert scene.with_name('out.tif').read_bytes() == whole
  if calls > 30:
    assert len(mean_predictor.shapes) < everything


def test_killed_it_goes_on_and_the_bits_are_the_same(
  scene, mean_predictor, tmp_path
):
  _run(scene, mean_predictor)
  out = scene.with_name('out.tif')
  whole = out.read_bytes()
  out.unlink()
  script = tmp_path / 'kill.py'
  script.write_text(f"""
import os, signal, sys
sys.path[:0] = [{str(pathlib.Path(__file__).parent)!r}, {os.getcwd()!r}]
import running_test
from heightnet_tf.geo import unfinished
from tests import small_models
class Dying(unfinished.Unfinished):
  def write(self, first, *rest):
    if first == 512:
      os.kill(os.getpid(), signal.SIGKILL)
    super().write(first, *rest)
unfinished.Unfinished = Dying
card = small_models.card_of()
running_test._run(sys.argv[1], small_models.MeanPredictor(card))
""")
  ended = subprocess.run([sys.executable, script, scene], check=False)
  assert ended.returncode == -signal.SIGKILL
  rows = scene.with_name('.out.tif.unfinished').glob('rows_*.tif')
  assert len(list(rows)) == 512 // scenes.CHUNK_PX
  script.unlink()
  mean_predictor.shapes.clear()
  _run(scene, mean_predictor)
  assert out.read_bytes() == whole
  assert sorted(path.name for path in tmp_path.iterdir()) == [
    'out.tif',
    'scene.tif',
  ]
  # Seven rows of windows of thirty hold the rows that were left.
  assert sum(shape[0] for shape in mean_predictor.shapes) < 60


@pytest.mark.parametrize('what', ['image', 'options', 'model'])
def test_another_image_or_other_options_start_afresh(
  scene, mean_predictor, what, capsys
):
  with pytest.raises(KilledError):
    _run(scene, FailingPredictor(mean_predictor, 58))
  fields = {}
  if what == 'image':
    _write(scene, 255 - _noise())
  elif what == 'options':
    fields = {'bands': (3, 2, 1)}
  else:
    fields = {'models': ('other',)}
  height_m, _ = _run(scene, mean_predictor, **fields)
  assert 'starting afresh' in capsys.readouterr().err
  image = 255 - _noise() if what == 'image' else _noise()
  np.testing.assert_allclose(height_m, image.mean(0) / 10, atol=1e-3)


def test_a_scene_that_changes_while_it_is_read(scene, mean_predictor):
  class Changing:
    card, fixed_px = mean_predictor.card, None

    def __call__(self, image):
      os.utime(scene, ns=(1, 1))
      return mean_predictor(image)

  with pytest.raises(errors.InputError, match='changed while it was read'):
    _run(scene, Changing())
  assert [path.name for path in scene.parent.iterdir()] == ['scene.tif']


def test_around_a_damaged_block_all_is_written(scene, mean_predictor):
  broken_files.damage_block(scene, 5, 0)
  height_m, unreadable = _run(scene, mean_predictor)
  bad = np.zeros(SHAPE, bool)
  bad[5 * 64 : 6 * 64, :64] = True
  assert unreadable == 64 * 64
  np.testing.assert_array_equal(np.isnan(height_m), bad)
  np.testing.assert_allclose(
    height_m[~bad], (_noise().mean(0) / 10)[~bad], atol=1e-3
  )
  with pytest.raises(errors.InputError, match=r'scene.*\(4096 pixels\)'):
    running.require_whole({'scene.tif': unreadable, 'other.tif': 0})


def test_damage_is_remembered_over_an_interruption(scene, mean_predictor):
  broken_files.damage_block(scene, 1, 0)
  with pytest.raises(KilledError):
    _run(scene, FailingPredictor(mean_predictor, 58))
  assert _run(scene, mean_predictor)[1] == 64 * 64


@pytest.mark.parametrize('where', ['nodata', 'alpha', 'mask'])
def test_what_is_unknown_stays_unknown(tmp_path, mean_predictor, where):
  pixels = _noise(4 if where == 'alpha' else 3)
  unknown = np.zeros(SHAPE, bool)
  unknown[100:400, 30:50] = True
  path = tmp_path / 'scene.tif'
  if where == 'nodata':
    pixels[:, unknown] = 0
    _write(path, pixels, nodata=0)
  elif where == 'alpha':
    pixels[3] = np.where(unknown, 0, 255)
    _write(path, pixels, photometric='RGB', alpha='YES')
  else:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
      _write(path, pixels)
      with rasterio.open(path, 'r+') as dataset:
        dataset.write_mask(~unknown)
  height_m, _ = _run(path, mean_predictor)
  np.testing.assert_array_equal(np.isnan(height_m), unknown)


def test_a_scene_without_a_known_pixel(tmp_path, mean_predictor):
  path = _write(tmp_path / 'scene.tif', 0 * _noise(), nodata=0)
  with pytest.raises(errors.InputError, match='knows no pixel'):
    _run(path, mean_predictor)
  assert not mean_predictor.shapes
  assert [one.name for one in tmp_path.iterdir()] == ['scene.tif']


def test_a_black_rim(tmp_path, mean_predictor, capsys):
  pixels = _noise()
  pixels[:, :9] = 0
  image = _write(tmp_path / 'scene.tif', pixels)
  height_m, _ = _run(image, mean_predictor)
  assert (height_m[:9] == 0).all()
  assert '--image_nodata=0 makes their' in capsys.readouterr().err
  height_m, _ = _run(image, mean_predictor, nodata=0)
  assert np.isnan(height_m[:9]).all()
  assert np.isfinite(height_m[9:]).all()
  assert '--image_nodata' not in capsys.readouterr().err


def test_sixteen_bits_are_stretched_once(tmp_path, mean_predictor, capsys):
  # Dark above, bright below: a stretch of its own would level each window.
  ramp = np.linspace(1000, 3000, SHAPE[0]).astype(np.uint16)
  pixels = np.broadcast_to(ramp[None, :, None], (3, *SHAPE))
  height_m, _ = _run(_write(tmp_path / 'scene.tif', pixels), mean_predictor)
  expected = 25.5 * np.clip((ramp - 1040.0) / 1920, 0, 1)
  np.testing.assert_allclose(height_m[:, 40], expected, atol=0.08)
  assert 'stretched to 0 to 255: red 1039.94' in capsys.readouterr().err
  with rasterio.open(tmp_path / 'out.tif') as dataset:
    assert dataset.tags()['IMAGE_STRETCH'].startswith('red 1039.94')


def test_a_rotated_scene_keeps_its_place(tmp_path, mean_predictor):
  place = (
    raster_files.PLACE @ affine.Affine.rotation(20) @ affine.Affine.shear(10)
  )
  path = _write(tmp_path / 'scene.tif', _noise(), transform=place)
  height_m, _ = _run(path, mean_predictor)
  assert np.isfinite(height_m).all()
  with rasterio.open(tmp_path / 'out.tif') as dataset:
    assert dataset.transform.almost_equals(place, 1e-6)


def test_one_pixel(tmp_path, mean_predictor):
  path = _write(tmp_path / 'scene.tif', np.full((3, 1, 1), 50, np.uint8))
  height_m, _ = _run(path, mean_predictor)
  np.testing.assert_allclose(height_m, [[5]])


@pytest.mark.parametrize(
  ('bands', 'dtype', 'sentence'),
  [
    (1, 'uint8', r'has 1 band.*--bands: 1,1,1'),
    (2, 'uint8', 'has 2 band'),
    (3, 'complex64', 'holds complex64, not colours'),
  ],
)
def test_images_that_will_not_do(
  tmp_path, mean_predictor, bands, dtype, sentence
):
  path = _write(tmp_path / 'scene.tif', np.ones((bands, 8, 8), dtype))
  with pytest.raises(errors.InputError, match=sentence):
    _run(path, mean_predictor)
  assert [one.name for one in tmp_path.iterdir()] == ['scene.tif']


@pytest.mark.parametrize('bands', [4, 13])
def test_bands_can_be_chosen(tmp_path, mean_predictor, bands, capsys):
  pixels = _noise(bands).astype(np.int16).astype(np.uint8)
  path = _write(tmp_path / 'scene.tif', pixels, photometric='MINISBLACK')
  height_m, _ = _run(path, mean_predictor)
  np.testing.assert_allclose(height_m, pixels[:3].mean(0) / 10, atol=1e-3)
  assert 'took 1,2,3' in capsys.readouterr().err
  height_m, _ = _run(path, mean_predictor, bands=(4, 3, 2))
  np.testing.assert_allclose(height_m, pixels[1:4].mean(0) / 10, atol=1e-3)
  assert not capsys.readouterr().err


def test_what_is_done_is_known(scene, mean_predictor):
  def done(**fields):
    task = running.Task(_job(scene), mean_predictor, _options(**fields))
    with task:
      return task.is_done()

  assert not done()
  _run(scene, mean_predictor)
  assert done()
  assert not done(gsd_m=2.0)
  scene.with_name('out.tif').write_text('broken')
  assert not done()


def test_digests_tell_models_apart(tmp_path):
  (tmp_path / 'a').write_text('1')
  (tmp_path / 'b').write_text('2')
  folder = tmp_path / 'saved'
  folder.mkdir()
  (folder / 'x').write_text('1')
  digests = {
    running.digest_of(place)
    for place in (tmp_path / 'a', tmp_path / 'b', folder, 'grpc://host/model')
  }
  assert len(digests) == 4
  (folder / 'x').write_text('3')
  assert running.digest_of(folder) not in digests


def test_rows_that_are_left_over_do_not_stay(scene, mean_predictor):
  _run(scene, mean_predictor)
  assert not unfinished.Unfinished(
    scene.with_name('out.tif'), None, ()
  ).folder.exists()
