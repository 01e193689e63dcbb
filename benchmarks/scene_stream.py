r"""Large scenes: memory and time against area, kills, seams.

  python benchmarks/scene_stream.py --model=runs/accuracy/run/last.keras \
    --side=2000 --side=4000 --side=8000 \
    --kills=10 --json=stream.json

Makes scenes by tiling and perturbing a real one, runs predict_main.py on them,
file to file, and reports time and peak memory of the process. Then predicts
one of them again and again, killed with `kill -9` at a random moment and
started again, and compares the files byte by byte. Last, looks for the grid of
windows in the spectrum of differences from row to row and from column to
column, on the real scene and on a smooth one: the power at the grid's
frequencies over that around them, beside the same windows without overlap.
"""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from absl import flags
import numpy as np
from scipy import ndimage

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import made_scenes
import places

from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.geo import reading
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes

_MODEL = flags.DEFINE_string('model', None, 'Model of any format.')
_SCENE = flags.DEFINE_string(
  'scene', '../shared/data/autzen/imgs/autzen_west.tif', 'A GeoTIFF to tile.'
)
_SIDES = flags.DEFINE_multi_integer(
  'side', [], 'Side of a scene to make, pixels; repeat for more.'
)
_KILLS = flags.DEFINE_integer('kills', 0, 'How often to kill a run.')
_KILL_SIDE = flags.DEFINE_integer(
  'kill_side', 4000, 'Side of the scene whose runs are killed, pixels.'
)
_SEAMS = flags.DEFINE_bool('seams', True, 'Whether to look for seams.')
_WINDOW_PX = flags.DEFINE_integer('window_px', 512, 'Side of the windows.')
_OVERLAP_PX = flags.DEFINE_integer('overlap_px', 64, 'Their overlap.')
_SEAM_WINDOW_PX = flags.DEFINE_integer(
  'seam_window_px', 128, 'The same where seams are looked for: many windows.'
)
_SEAM_OVERLAP_PX = flags.DEFINE_integer('seam_overlap_px', 32, 'Their overlap.')
_WORK_DIR = flags.DEFINE_string(
  'work_dir', '', 'Where scenes and heights go; default a temporary folder.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')


def main(argv):
  """Measures and prints."""
  command.reject_leftovers(argv)
  command.require('model')
  report = places.here_and_now() | {'model': _MODEL.value}
  with tempfile.TemporaryDirectory() as temporary:
    work = pathlib.Path(_WORK_DIR.value or temporary)
    work.mkdir(parents=True, exist_ok=True)
    report['sizes'] = [measured(work, side) for side in sorted(_SIDES.value)]
    if _KILLS.value:
      report['kills'] = killed(work, _KILL_SIDE.value, _KILLS.value)
  if _SEAMS.value:
    report['seams'] = seams()
  print(json.dumps(report, indent=2))
  if _JSON.value:
    files.write_json(_JSON.value, report)


def start(scene, heights, *, quiet):
  """Starts predict_main.py, which tells on stderr why it fails."""
  return subprocess.Popen(
    [
      sys.executable,
      'predict_main.py',
      f'--model={_MODEL.value}',
      f'--input={scene}',
      f'--output={heights}',
      f'--window_px={_WINDOW_PX.value}',
      f'--overlap_px={_OVERLAP_PX.value}',
    ],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL if quiet else None,
  )


def measured(work, side):
  """Time and peak memory of one scene."""
  scene, heights = work / f'scene_{side}.tif', work / f'heights_{side}.tif'
  made_scenes.write(scene, side, _SCENE.value)
  began = time.monotonic()
  process = start(scene, heights, quiet=False)
  # The child's own figures, not those of the largest child so far.
  _, status, usage = os.wait4(process.pid, 0)
  seconds = time.monotonic() - began
  if status:
    sys.exit(f'The scene of {side} pixels was not predicted.')
  figures = {
    'side_px': side,
    'megapixels': side * side / 1e6,
    'seconds': round(seconds, 1),
    # Linux counts it in KiB.
    'peak_memory_gib': round(usage.ru_maxrss / 2**20, 2),
    'heights_mb': round(heights.stat().st_size / 1e6),
  }
  print(figures, flush=True)
  return figures


def killed(work, side, times):
  """Kills runs at random moments and compares what the restarts write."""
  scene, whole = work / f'scene_{side}.tif', work / f'heights_{side}.tif'
  made_scenes.write(scene, side, _SCENE.value)
  began = time.monotonic()
  start(scene, whole, quiet=False).wait()
  seconds = time.monotonic() - began
  moments = random.Random(0)
  figures = {'side_px': side, 'seconds': round(seconds, 1), 'runs': []}
  for index in range(times):
    heights = work / f'killed_{index}.tif'
    process = start(scene, heights, quiet=True)
    moment = moments.uniform(0, seconds)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    ended = process.wait()
    folder = heights.with_name(f'.{heights.name}.unfinished')
    finished = len(list(folder.glob('rows_*.tif')))
    again = start(scene, heights, quiet=True).wait()
    run = {
      'killed_after_s': round(moment, 1),
      'was_running': ended == -signal.SIGKILL,
      'finished_row_files': finished,
      'restart_exit_code': again,
      'identical': heights.read_bytes() == whole.read_bytes(),
      'left_over': folder.exists(),
    }
    print(run, flush=True)
    figures['runs'].append(run)
    heights.unlink()
  figures['all_identical'] = all(run['identical'] for run in figures['runs'])
  return figures


def seams():
  """How much the windows' grid stands out, with overlap and without."""
  predictor = backends.open_predictor(_MODEL.value)
  # At its own pixel size, for a grid of many windows.
  images = {
    'scene': reading.read_image(_SCENE.value).pixels,
    'smooth': smooth_image((1200, 1200)),
  }
  figures = {}
  for name, image in images.items():
    for overlap_px in (_SEAM_OVERLAP_PX.value, 0):
      # The same grid: without overlap the windows shrink.
      step_px = _SEAM_WINDOW_PX.value - _SEAM_OVERLAP_PX.value
      options = scenes.SceneOptions(
        window_px=step_px + overlap_px,
        overlap_px=overlap_px,
        batch_size=4,
        scale=1.0,
      )
      height_m = scenes.predict_image(
        predictor, image, options, gsd_m=None, name=name
      )[..., 0]
      figures[f'{name}, overlap {overlap_px}'] = {
        axis: round(grid_power(height_m, axis=k, step_px=step_px), 2)
        for k, axis in enumerate(('rows', 'columns'))
      }
  return figures


def smooth_image(shape):
  """Soft blobs in three colours."""
  rough = np.random.default_rng(0).normal(size=(*shape, 3))
  soft = ndimage.gaussian_filter(rough, (20, 20, 0))
  soft = (soft - soft.min()) / np.ptp(soft)
  return np.rint(255 * soft).astype(np.uint8)


def grid_power(height_m, *, axis, step_px):
  """Mean power at the frequencies of the grid over that of those around."""
  jumps_m = np.abs(np.diff(height_m, axis=axis)).mean(1 - axis)
  # Whole periods, so that each harmonic is one frequency of the spectrum.
  periods = len(jumps_m) // step_px
  jumps_m = jumps_m[: periods * step_px]
  jumps_m = (jumps_m - jumps_m.mean()) * np.hanning(len(jumps_m))
  power = np.abs(np.fft.rfft(jumps_m)) ** 2
  ratios = []
  for harmonic in range(periods, len(power) - periods, periods):
    around = power[harmonic - periods // 2 : harmonic + periods // 2 + 1]
    # Of a window the neighbours of a frequency are part of it.
    here = periods // 2
    others = np.delete(around, [here - 1, here, here + 1])
    ratios.append(power[harmonic] / np.median(others))
  return float(np.median(ratios))


if __name__ == '__main__':
  command.run(main)
