r"""The page's heights of a whole scene beside those of predict_main.py.

  python benchmarks/page.py --page_model=exports/height_float32.tflite \
    --model=runs/accuracy/run/last.keras --pictures=pictures

serve_main.py shows the page with --page_model, Chromium opens the scene in it
and downloads the GeoTIFF; predict_main.py predicts the same scene with the same
file and, if it is given, with the Keras model --model. Windows of a fixed size
see more mirrored ground beyond the edges of a scene than the Keras model's,
which are cut short there; so it is compared with the same windows, too.
Needs `make page`.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from absl import flags
import numpy as np
import rasterio

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import served

from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.geo import reading
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes

_ROOT = pathlib.Path(__file__).resolve().parent.parent
_PAGE_MODEL = flags.DEFINE_string(
  'page_model', None, 'A .tflite file in float32 or float16.'
)
_MODEL = flags.DEFINE_string(
  'model', '', 'The .keras file that it was exported from.'
)
_SCENE = flags.DEFINE_string(
  'scene', '../shared/data/woodford_ky/imgs/woodford_ky.tif', 'A GeoTIFF.'
)
_PICTURES = flags.DEFINE_string(
  'pictures', '', 'Folder for pictures of the page and its GeoTIFF.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')


def main(argv):
  """Compares and prints a table."""
  command.reject_leftovers(argv)
  command.require('page_model')
  with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(_PICTURES.value or temporary).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    figures = {'page': by_page(folder)}
    page_m = heights_of(folder / 'heights.tif')
    path = pathlib.Path(temporary) / 'predicted.tif'
    for model in filter(None, (_PAGE_MODEL.value, _MODEL.value)):
      by_main(model, path)
      figures[f'beside {model}'] = distance(page_m, heights_of(path))
    if _MODEL.value:
      figures[f'beside {_MODEL.value} with the windows of the page'] = distance(
        page_m, with_fixed_windows()
      )
  print(json.dumps(figures, indent=2))
  if _JSON.value:
    files.write_json(_JSON.value, figures)


def by_page(folder):
  """Lets the page predict; it writes into the folder and tells its time."""
  with served.small_server(_PAGE_MODEL.value) as (_, url):
    done = subprocess.run(
      ['node', 'tests/take_scene.js', url, _scene(), folder],
      cwd=_ROOT / 'web',
      stdout=subprocess.PIPE,
      check=True,
    )
  return json.loads(done.stdout)


def by_main(model, path):
  """Lets predict_main.py predict."""
  subprocess.run(
    [
      sys.executable,
      _ROOT / 'predict_main.py',
      f'--model={model}',
      f'--input={_scene()}',
      f'--output={path}',
    ],
    stdout=subprocess.DEVNULL,
    check=True,
  )


def with_fixed_windows():
  """What the Keras model predicts with the windows of the page's file."""
  predictor = backends.open_predictor(_MODEL.value)
  predictor.fixed_px = backends.open_predictor(_PAGE_MODEL.value).fixed_px
  options = scenes.SceneOptions(
    window_px=predictor.fixed_px, overlap_px=64, batch_size=1, scale=None
  )
  return scenes.predict_scene(predictor, reading.read_image(_scene()), options)


def _scene():
  return pathlib.Path(_SCENE.value).resolve()


def heights_of(path):
  """Reads the first band of a GeoTIFF, the heights."""
  with rasterio.open(path) as dataset:
    return dataset.read(1)


def distance(one_m, other_m):
  """How far two maps lie apart; unknown pixels must be the same."""
  known = np.isfinite(one_m)
  apart_m = np.abs(one_m - other_m)[known].astype(float)
  return {
    'known_pixels': int(known.sum()),
    'unknown_pixels_the_same': bool((known == np.isfinite(other_m)).all()),
    'largest_difference_m': round(float(np.nanmax(apart_m)), 6),
    'mean_difference_m': round(float(np.nanmean(apart_m)), 8),
  }


if __name__ == '__main__':
  command.run(main)
