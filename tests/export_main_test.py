import json

from absl.testing import flagsaver
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.export import litert
from heightnet_tf.inference import backends
from heightnet_tf.nets import networks
from heightnet_tf.training import model_file
from tests import small_models

_NETWORK = small_models.unet_of(base_filters=8, depth=1)


@pytest.fixture
def export_main(load_main):
  return load_main('export_main')


@pytest.fixture(scope='module')
def model_path(tmp_path_factory):
  path = tmp_path_factory.mktemp('run') / 'best.keras'
  card = small_models.card_of(gsd_m=None, stride_px=2, network=_NETWORK)
  model_file.save(path, networks.build(_NETWORK), card)
  return path


def test_every_format_is_written_and_agrees(
  export_main, model_path, pairs_folder, tmp_path, capsys
):
  output, copy = tmp_path / 'exports', tmp_path / 'table.json'
  with flagsaver.flagsaver(
    model=str(model_path),
    output=str(output),
    data_dir=str(pairs_folder),
    json=str(copy),
  ):
    export_main.main(['export_main.py'])

  figures = json.loads((output / 'parity.json').read_text())
  assert [row['file'] for row in figures['files']] == [
    'best.keras',
    'heightnet/1',
    *litert.NAMES,
  ]
  assert json.loads(copy.read_text()) == figures
  # The model and six files; then what the files change in each height bin.
  assert len(capsys.readouterr().out.splitlines()) == 8 + 1 + 7
  image = np.zeros((1, 32, 32, 3), np.uint8)
  wanted_m = backends.open_predictor(model_path)(image)
  for path in (output, output / litert.FLOAT32):
    np.testing.assert_allclose(
      backends.open_predictor(path)(image), wanted_m, atol=1e-3
    )


def test_no_data_is_a_sentence_that_names_the_flag(
  export_main, model_path, tmp_path
):
  with (
    flagsaver.flagsaver(
      model=str(model_path),
      output=str(tmp_path / 'exports'),
      data_dir=str(tmp_path / 'none'),
    ),
    pytest.raises(errors.InputError, match='set --data_dir'),
  ):
    export_main.main(['export_main.py'])
  assert not (tmp_path / 'exports').exists()


def test_an_output_is_needed(export_main):
  with pytest.raises(errors.FlagError, match='--output is needed'):
    export_main.main(['export_main.py'])


def test_a_foreign_file_is_refused(export_main, pairs_folder, tmp_path):
  (tmp_path / 'foreign.keras').write_text('no archive')
  with (
    flagsaver.flagsaver(
      model=str(tmp_path / 'foreign.keras'),
      output=str(tmp_path / 'exports'),
      data_dir=str(pairs_folder),
    ),
    pytest.raises(errors.ModelFileError, match=r'foreign\.keras'),
  ):
    export_main.main(['export_main.py'])
