import signal
import subprocess
import sys

from absl.testing import flagsaver
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.inference import remote

PATIENCE = remote.Patience(connect_s=30.0, deadline_s=30.0, parallel=4)


def test_it_serves_until_it_is_stopped(model_path):
  process = subprocess.Popen(
    [sys.executable, 'serve_main.py', f'--model={model_path}', '--port=0'],
    stdout=subprocess.PIPE,
    text=True,
  )
  with process:
    address = process.stdout.readline().split()[2]
    client = remote.open_predictor(f'{address}/heightnet', patience=PATIENCE)
    image = np.full((3, 8, 8, 3), 100, np.uint8)
    np.testing.assert_allclose(client(image), np.full((3, 8, 8, 1), 10.0))
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) in (0, -signal.SIGTERM)


def test_a_model_is_needed(load_main):
  serve_main = load_main('serve_main')
  with (
    flagsaver.flagsaver(model=''),
    pytest.raises(errors.FlagError, match='--model is needed'),
  ):
    serve_main.main(['serve_main.py'])


def test_a_missing_model_is_a_sentence(load_main, tmp_path):
  serve_main = load_main('serve_main')
  with (
    flagsaver.flagsaver(model=str(tmp_path / 'none.keras'), port=0),
    pytest.raises(errors.ModelFileError, match='No model at'),
  ):
    serve_main.main(['serve_main.py'])
