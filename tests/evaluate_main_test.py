import json

from absl.testing import flagsaver
import numpy as np
from PIL import Image
import pytest

from heightnet_tf import errors
from tests import small_models


@pytest.fixture
def evaluate_main(load_main):
  return load_main('evaluate_main')


@pytest.fixture
def pairs(tmp_path):
  """Two tiles in the seed's naming; the truth in centimetres."""
  root = tmp_path / 'pairs'
  for folder in ('imgs', 'masks'):
    (root / folder).mkdir(parents=True)
  for name, truth_m in (('a_0_0', 6), ('b_0_0', 9)):
    image = np.full((24, 24, 3), 60, np.uint8)
    Image.fromarray(image).save(root / 'imgs' / f'{name}_BAM.png')
    truth = np.full((24, 24), 100 * truth_m, np.uint16)
    truth[:4] = 65535
    Image.fromarray(truth).save(root / 'masks' / f'{name}_AGL.png')
  return root


@pytest.fixture
def model_path(tmp_path):
  path = tmp_path / 'run' / 'best.keras'
  path.parent.mkdir()
  return small_models.save_mean_model(
    path, gsd_m=None, window_px=16, stride_px=1, training_median_m=2.0
  )


def test_writes_figures_and_page(
  evaluate_main, pairs, model_path, tmp_path, capsys
):
  (model_path.parent / 'metrics.jsonl').write_text('{"epoch": 1, "loss": 2}\n')
  with flagsaver.flagsaver(
    model=str(model_path),
    data_dir=str(pairs),
    output=str(tmp_path / 'report'),
    json=str(tmp_path / 'figures.json'),
    image_suffix='_BAM',
    mask_suffix='_AGL',
    height_scale=0.01,
    height_nodata=65535.0,
    gsd_m=1.0,
  ):
    evaluate_main.main(['evaluate_main'])
  written = json.loads((tmp_path / 'figures.json').read_text())
  figures = written['figures']
  # Both tiles are predicted 6 m high; they are 6 and 9.
  assert figures['model']['pixels'] == 2 * 20 * 24
  assert figures['model']['mae_m'] == pytest.approx(1.5, abs=1e-4)
  assert figures['predict_0']['mae_m'] == pytest.approx(7.5)
  assert figures['training_median']['mae_m'] == pytest.approx(5.5)
  assert written['objects']['model']['median_m'] == pytest.approx(1.5, abs=1e-4)
  report = tmp_path / 'report'
  assert json.loads((report / 'report.json').read_text()) == written
  assert 'Training</h3>' in (report / 'report.html').read_text()
  assert '1.50' in capsys.readouterr().out


def test_missing_folder_leaves_nothing_behind(
  evaluate_main, model_path, tmp_path
):
  with (
    flagsaver.flagsaver(
      model=str(model_path),
      data_dir=str(tmp_path / 'nowhere'),
      output=str(tmp_path / 'report'),
    ),
    pytest.raises(errors.InputError, match='nowhere'),
  ):
    evaluate_main.main(['evaluate_main'])
  assert not (tmp_path / 'report').exists()


def test_foreign_model(evaluate_main, pairs, tmp_path):
  path = tmp_path / 'model.keras'
  path.write_bytes(b'not a model')
  with (
    flagsaver.flagsaver(
      model=str(path),
      data_dir=str(pairs),
      image_suffix='_BAM',
      mask_suffix='_AGL',
      output=str(tmp_path / 'report'),
    ),
    pytest.raises(errors.ModelFileError, match='is not a model'),
  ):
    evaluate_main.main(['evaluate_main'])


def test_model_is_needed(evaluate_main):
  with (
    flagsaver.flagsaver(model=''),
    pytest.raises(errors.FlagError, match='--model is needed'),
  ):
    evaluate_main.main(['evaluate_main'])


def test_leftovers_are_refused(evaluate_main):
  with pytest.raises(errors.FlagError, match='Unexpected argument'):
    evaluate_main.main(['evaluate_main', 'model=x'])
