r"""Served models: the same heights by every way, under load, whatever is sent.

  python benchmarks/serving.py --tflite=exports/height_float32.tflite

Four parts, each a table; choose with --parts:

- parity: a whole scene by every way, against the Keras model; for files of one
  size with windows of that size, which see more beyond the edges of a scene.
- load: serve_main.py with many requests at once, some malformed.
- restart: the same, killed and started again while the client goes on.
- fuzz: broken files to the bytes signature (by gRPC) and to serve_main.py.

The server of the signatures is the one of the tests, not TensorFlow Serving.
"""

import collections
import pathlib
import signal
import sys
import tempfile
import time

from absl import flags
from absl import logging
import numpy as np
import requests
import tensorflow as tf

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import loading
import served

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.export import saved_model
from heightnet_tf.geo import reading
from heightnet_tf.heights import bins
from heightnet_tf.heights import error_sums
from heightnet_tf.inference import backends
from heightnet_tf.inference import remote
from heightnet_tf.inference import scenes
from heightnet_tf.training import model_file
from tests import broken_files

_MODEL = flags.DEFINE_string('model', bundled.MODEL, 'A .keras file.')
_PARTS = flags.DEFINE_list(
  'parts', ['parity', 'load', 'restart', 'fuzz'], 'Which tables.'
)
_SCENE = flags.DEFINE_string(
  'scene',
  '../shared/data/woodford_ky/imgs/woodford_ky.tif',
  'A GeoTIFF, its heights in ../heights under the same name.',
)
_TFLITE = flags.DEFINE_multi_string(
  'tflite', [], 'Exported files whose parity is to be shown, too.'
)
_REQUESTS = flags.DEFINE_integer('requests', 10_000, 'Requests of the load.')
_AT_ONCE = flags.DEFINE_integer('at_once', 64, 'Requests at once.')
_MALFORMED = flags.DEFINE_float('malformed', 0.05, 'Share of them.')
_TILE_PX = flags.DEFINE_integer(
  'tile_px', 64, 'Side of the images of the load.'
)
_KILLS = flags.DEFINE_integer('kills', 2, 'How often the server is killed.')
_FUZZED = flags.DEFINE_integer('fuzzed', 2000, 'Broken files for each server.')
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')

_PATIENCE = remote.Patience(connect_s=60.0, deadline_s=300.0, parallel=2)


def main(argv):
  """Runs the parts and prints a table of each."""
  command.reject_leftovers(argv)
  logging.set_verbosity(logging.WARNING)
  # Lest servers outlive a benchmark that is ended.
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
  figures = {}
  with tempfile.TemporaryDirectory() as folder:
    version = pathlib.Path(folder) / 'heightnet' / '1'
    for part in _PARTS.value:
      figures[part] = _TABLES[part](version)
      print(f'{part}:')
      for row in figures[part]:
        print('  ' + ', '.join(f'{k} {v}' for k, v in row.items()), flush=True)
  if _JSON.value:
    files.write_json(_JSON.value, figures)


def _write_signatures(version):
  if not version.is_dir():
    version.mkdir(parents=True)
    saved_model.write(*model_file.load(_MODEL.value), version)


class _Signatures:
  """A connection to a SavedModel in this process."""

  def __init__(self, folder, *, carries_floats):
    self._loaded = tf.saved_model.load(str(folder))
    self.carries_floats = carries_floats

  def call(self, signature, inputs, outputs, timeout_s):
    del timeout_s
    arrays = self._loaded.signatures[signature](
      **{name: tf.constant(value) for name, value in inputs.items()}
    )
    return {name: arrays[name].numpy() for name in outputs}


def parity(version):
  """A whole scene by every way: its MAE, and how far from the Keras model."""
  _write_signatures(version)
  scene = reading.read_image(_SCENE.value)
  path = pathlib.Path(_SCENE.value)
  truth_m = reading.read_height(
    path.parent.parent / 'heights' / path.name, scale=1.0, nodata=None
  ).pixels[..., 0]
  with (
    served.signature_server(version) as (_, grpc, rest),
    served.small_server(_MODEL.value) as (_, small),
  ):
    ways = {
      'Keras': lambda: backends.open_predictor(_MODEL.value),
      'SavedModel, tensor': lambda: backends.open_predictor(version),
      'SavedModel, bytes': lambda: _local(version, carries_floats=True),
      'SavedModel, bytes to PNG': lambda: _local(version, carries_floats=False),
      'gRPC client': lambda: remote.open_predictor(grpc),
      'REST client (PNG)': lambda: remote.open_predictor(rest),
      'REST client, serve_main.py (PNG)': lambda: remote.open_predictor(
        f'{small}/heightnet'
      ),
    }
    ways |= {
      path: lambda path=path: backends.open_predictor(path)
      for path in _TFLITE.value
    }
    rows, keras_m = [], {}
    for name, open_way in ways.items():
      start = time.monotonic()
      predictor = open_way()
      height_m = _predict(predictor, scene)
      seconds = round(time.monotonic() - start, 1)
      side = predictor.fixed_px
      if side not in keras_m:
        keras_m[side] = _predict(_keras_with_windows(side), scene)
      rows.append(
        {'way': name}
        | _distance(height_m, keras_m[side], truth_m)
        | {'seconds': seconds}
      )
  return rows


def _keras_with_windows(side_px):
  """The Keras model, of one size as an exported file is; None: of any."""
  predictor = backends.open_predictor(_MODEL.value)
  predictor.fixed_px = side_px
  return predictor


def _local(version, *, carries_floats):
  connection = _Signatures(version, carries_floats=carries_floats)
  return remote.RemotePredictor(connection, server='here', patience=_PATIENCE)


def _predict(predictor, scene):
  options = scenes.SceneOptions(
    window_px=512, overlap_px=64, batch_size=4, scale=None
  )
  return scenes.predict_scene(predictor, scene, options)


def _distance(height_m, keras_m, truth_m):
  one, other = (
    error_sums.ErrorSums.of(
      each[None, ..., None],
      truth_m[None, ..., None],
      edges_m=bins.REPORT_EDGES_M,
    ).summary()
    for each in (height_m, keras_m)
  )
  figures = {'mae_m': round(one['mae_m'], 4)}
  for name in ('mae_m', 'mae_20m_up_m'):
    if one[name] is not None:
      figures[f'change of {name}'] = round(one[name] - other[name], 6)
  return figures | {
    'largest_difference_m': round(float(np.nanmax(abs(height_m - keras_m))), 6),
  }


def load(version):
  """Many requests at once to serve_main.py."""
  del version
  return loading.load(
    _MODEL.value,
    loading.Tiles(_MODEL.value, side_px=_TILE_PX.value),
    requests=_REQUESTS.value,
    at_once=_AT_ONCE.value,
    malformed=_MALFORMED.value,
  )


def restart(version):
  """The client's requests to serve_main.py, which is killed meanwhile."""
  del version
  return loading.restart(
    _MODEL.value,
    loading.Tiles(_MODEL.value, side_px=_TILE_PX.value),
    images=_REQUESTS.value // 5,
    at_once=_AT_ONCE.value,
    kills=_KILLS.value,
  )


def fuzz(version):
  """Broken files: how many are refused, how many answered, what is left."""
  _write_signatures(version)
  rows = []
  with (
    served.signature_server(version) as (process, _, rest),
    served.small_server(_MODEL.value) as (small_process, small),
  ):
    for name, server, url in (
      ('bytes signature', process, rest.removesuffix('/heightnet')),
      ('serve_main.py', small_process, small),
    ):
      rows.append({'server': name} | _fuzz(server, url))
  return rows


def _fuzz(process, url):
  session, counts = requests.Session(), collections.Counter()
  good = broken_files.good_files()
  before = [served.post(session, url, file) for file in good]
  start_mb = process.memory_mb()
  slowest_s = 0.0
  for _, content in broken_files.broken_files(_FUZZED.value, seed=0):
    start = time.monotonic()
    status, reply = served.post(session, url, content)
    slowest_s = max(slowest_s, time.monotonic() - start)
    kind = {200: 'answered', 400: 'refused'}.get(status, f'OTHER {status}')
    if status == 400 and not reply['error']:
      kind = 'REFUSED WITHOUT A SENTENCE'
    counts[kind] += 1
  after = [served.post(session, url, file) for file in good]
  return dict(counts) | {
    'good ones the same before and after': before == after,
    'memory before (MB)': start_mb,
    'after': process.memory_mb(),
    'peak': process.memory_mb('VmHWM'),
    'slowest (s)': round(slowest_s, 2),
  }


_TABLES = {'parity': parity, 'load': load, 'restart': restart, 'fuzz': fuzz}


if __name__ == '__main__':
  command.run(main)
