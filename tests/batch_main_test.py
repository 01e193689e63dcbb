import json
import sys

from absl import flags
from absl.testing import flagsaver
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.inference import backends
from heightnet_tf.inference import jobs
from heightnet_tf.inference import running
from heightnet_tf.inference import scenes as scene_room
from tests import raster_files

BEAM = 'Apache Beam is not installed; pip install apache-beam runs this test'


@pytest.fixture
def scenes(tmp_path):
  folder = tmp_path / 'scenes'
  folder.mkdir()
  for name, height in (('a', 45), ('b', 600)):
    random = np.random.default_rng(height)
    pixels = random.integers(1, 255, (3, height, 70), np.uint8)
    raster_files.write(folder / f'{name}.tif', pixels)
  return folder


@pytest.fixture
def run(load_main, scenes, model_path):
  """Runs the script on the scenes."""
  main = load_main('batch_main')

  def run(output, *foreign, **values):
    values = {
      'model': [str(model_path)],
      'input': [str(scenes / '*.tif')],
      'output': [str(output)],
      'window_px': 32,
      'overlap_px': 8,
      **values,
    }
    with flagsaver.flagsaver(**values):
      main.main(['batch_main.py', *foreign])

  return run


def _run_here(scenes, output, model_path):
  """Does what predict_main.py does."""
  options = running.Options(
    scene=scene_room.SceneOptions(
      window_px=32, overlap_px=8, batch_size=2, scale=None
    ),
    gsd_m=None,
    bands=None,
    nodata=None,
    mask_threshold_m=None,
    models=(running.digest_of(model_path),),
    tta=False,
  )
  wishes = jobs.Wishes(height=True, viz=False, mask=False)
  predictor = backends.open_predictor(model_path)
  for job in jobs.plan([str(scenes)], [str(output)], wishes):
    running.run(job, predictor, options)


def test_without_beam_a_sentence_says_what_to_do(run, tmp_path, monkeypatch):
  monkeypatch.setitem(sys.modules, 'apache_beam', None)
  with pytest.raises(errors.FlagError, match='needs Apache Beam'):
    run(tmp_path / 'out')


def test_flags_of_beam_pass_untouched(load_main):
  load_main('batch_main')
  with flagsaver.flagsaver():
    left = flags.FLAGS(
      [
        'batch_main.py',
        '--rows=300',
        '--runner=FlinkRunner',
        '--parallelism=2',
      ],
      known_only=True,
    )
    assert left[1:] == ['--runner=FlinkRunner', '--parallelism=2']
    assert flags.FLAGS.rows == 300


@pytest.mark.filterwarnings('ignore')
def test_many_workers_write_what_one_machine_writes(
  run, scenes, tmp_path, model_path, capsys
):
  pytest.importorskip('apache_beam', reason=BEAM)
  _run_here(scenes, tmp_path / 'one', model_path)
  (scenes / 'broken.tif').write_text('no image')
  with pytest.raises(errors.InputError, match='1 of 3 scenes failed'):
    run(tmp_path / 'many', '--runner=DirectRunner', rows=256)
  for name in ('a', 'b'):
    one, many = (
      (tmp_path / folder / f'{name}_height.tif').read_bytes()
      for folder in ('one', 'many')
    )
    assert one == many
  fates = json.loads((tmp_path / 'many' / 'batch.json').read_text())
  assert sorted(fate['state'] for fate in fates) == ['done', 'done', 'failed']
  assert 'broken.tif cannot be read' in capsys.readouterr().out
  # What is done is not done again.
  (scenes / 'broken.tif').unlink()
  before = (tmp_path / 'many' / 'b_height.tif').stat().st_mtime_ns
  run(tmp_path / 'many', rows=256)
  assert (tmp_path / 'many' / 'b_height.tif').stat().st_mtime_ns == before
  assert 'b.tif: done before' in capsys.readouterr().out


@pytest.mark.filterwarnings('ignore')
def test_finished_arrays_are_not_made_again(run, scenes, tmp_path, capsys):
  pytest.importorskip('apache_beam', reason=BEAM)
  out = tmp_path / 'a.npy'
  mask = tmp_path / 'a_mask.png'
  command = {'input': [str(scenes / 'a.tif')], 'mask_threshold': 12.0}

  def again(**values):
    run(out, **{**command, **values})
    return capsys.readouterr().out

  assert 'a.tif: done.' in again()
  before = out.stat().st_mtime_ns
  assert 'a.tif: done before.' in again()
  assert out.stat().st_mtime_ns == before
  assert 'a.tif: done.' in again(mask_threshold=13.0)
  mask.unlink()
  assert 'a.tif: done.' in again(mask_threshold=13.0)
  assert mask.exists()


@pytest.mark.filterwarnings('ignore')
def test_what_is_newly_wished_of_a_finished_scene_is_made(
  run, scenes, tmp_path, capsys
):
  pytest.importorskip('apache_beam', reason=BEAM)
  out = tmp_path / 'a.tif'
  run(out, input=[str(scenes / 'a.tif')])
  before = out.stat().st_mtime_ns
  run(out, input=[str(scenes / 'a.tif')], viz=True)
  assert 'a.tif: done before.' in capsys.readouterr().out
  assert (tmp_path / 'a_viz.png').exists()
  assert out.stat().st_mtime_ns == before
