import os
import pathlib
import subprocess
import sys
import venv

import numpy as np
import pytest

_EDGE = pathlib.Path(__file__).parents[2] / 'edge'
_OFFLINE = ('connection broken', 'No route', 'name resolution', 'timed out')


@pytest.fixture
def python(tmp_path_factory):
  """An interpreter with nothing but what edge/requirements.txt names."""
  folder = tmp_path_factory.mktemp('alone')
  venv.create(folder, with_pip=False)
  python = folder / 'bin' / 'python'
  install = [sys.executable, '-m', 'pip', '--python', str(python), 'install']
  options = ['--quiet', '--no-compile', '--only-binary=:all:', '--retries=1']
  done = subprocess.run(
    [*install, *options, '-r', str(_EDGE / 'requirements.txt')],
    capture_output=True,
    text=True,
    check=False,
  )
  if any(sign in done.stderr for sign in _OFFLINE):
    pytest.skip('No network: the three packages of edge/ cannot be installed.')
  assert done.returncode == 0, done.stderr
  return python


def test_the_example_runs_without_tensorflow(python, edge, monkeypatch):
  for name in ('PYTHONPATH', 'PYTHONHOME'):
    monkeypatch.delenv(name, raising=False)
  there = subprocess.run(
    [python, '-c', 'import tensorflow'],
    capture_output=True,
    text=True,
    env=os.environ,
    check=False,
  )
  assert 'No module named' in there.stderr
  arguments = [
    f'--model={edge.models["height_float32_any.tflite"]}',
    f'--input={edge.scenes["scene.tif"]}',
    '--window_px=64',
    '--overlap_px=16',
  ]
  for name, interpreter in (('here', sys.executable), ('alone', python)):
    done = edge.run(*arguments, f'--output={name}.npy', python=interpreter)
    assert done.returncode == 0, done.stderr
  np.testing.assert_allclose(
    np.load(edge.folder / 'alone.npy'),
    np.load(edge.folder / 'here.npy'),
    atol=1e-3,
  )
