"""The rows of benchmarks/speed.py on scenes, growth and starting."""

import json
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import made_scenes
from matplotlib import figure
import speed_figures
import speed_processes
import speed_rows

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf.evaluation import style

_SCENE = 'autzen/imgs/autzen_west.tif'
_SIDES_PX = (1000, 2000, 4000, 8000)
_MEMORY_FROM_PX = 2000
_BATCHES, _TILES_PX = (1, 2, 4, 8), (64, 128, 256, 512)
_BASE = 32
_SEED_BASE, _SEED_SCALE = 64, 0.5
_PATIENCE_S = 300.0


def scene(bench):
  """A scene from file to file against the seed's way."""
  source = str(bench.scenes / _SCENE)
  maes, scale = _accuracy(bench)
  output = str(bench.work / 'heights')
  own, theirs = bench.measure(
    speed_processes.scene(
      model=str(bench.model), source=source, output=f'{output}.tif'
    ),
    speed_processes.peer(
      'scene',
      source=source,
      output=f'{output}_peer.tif',
      base=_SEED_BASE,
      scale=scale,
      threads=speed_rows.THREADS,
    ),
  )
  return [
    {
      'name': 'scene_vs_seed',
      'value': speed_figures.ratio(own.seconds, theirs.seconds),
      'ours': own.median_s,
      'peer': theirs.median_s,
      'peak_mb': [own.peak_mb, theirs.peak_mb],
      'how': f'{own.facts["way"]}; {theirs.facts["way"]}, whole image at scale '
      f'{scale:g}; {maes}',
    }
  ]


def _accuracy(bench):
  """What benchmarks/accuracy.py found: a sentence, the peer's better scale."""
  peers = {}
  for path in sorted(bench.accuracy.glob('peer_*.json')):
    try:
      scale = float(path.stem.removeprefix('peer_'))
    except ValueError:
      continue
    peers[scale] = json.loads(path.read_text())['mae_m']
  found = bench.accuracy / 'ours.json'
  if not peers or not found.exists():
    return 'MAE of both: benchmarks/accuracy.py', _SEED_SCALE
  scale = min(peers, key=peers.get)
  ours = json.loads(found.read_text())[0]['mae_m']
  told = f'MAE on the test blocks {ours:.3f} m and {peers[scale]:.3f} m'
  return told, scale


def scene_growth(bench):
  """How time and memory of a scene grow with its area."""
  jobs = []
  for side in _SIDES_PX:
    path = bench.work / f'scene_{side}.tif'
    made_scenes.write(path, side, bench.scenes / _SCENE)
    output = str(bench.work / f'heights_{side}.tif')
    jobs.append(
      speed_processes.scene(
        model=str(bench.model), source=str(path), output=output
      )
    )
  found = bench.measure(*jobs)
  areas = [side**2 / 1e6 for side in _SIDES_PX]
  seconds = [one.median_s for one in found]
  memory = [one.peak_mb for one in found]
  first = _SIDES_PX.index(_MEMORY_FROM_PX)
  return [
    _growth('scene_time_slope', 'megapixels', areas, seconds, 's'),
    _growth(
      'scene_memory_slope', 'megapixels', areas[first:], memory[first:], 'MB'
    ),
  ]


def training_growth(bench):
  """How the time of a training step grows with batch and tile."""
  shapes = [(batch, 256) for batch in _BATCHES]
  shapes += [(1, tile) for tile in _TILES_PX if tile != 256]
  found = bench.measure(
    *(speed_rows.train_job('unet', _BASE, *shape) for shape in shapes)
  )
  seconds = {
    shape: one.median_s for shape, one in zip(shapes, found, strict=True)
  }
  return [
    _growth(
      'train_batch_slope',
      'batch',
      _BATCHES,
      [seconds[batch, 256] for batch in _BATCHES],
      's',
    ),
    _growth(
      'train_tile_slope',
      'pixels of a tile',
      [tile**2 for tile in _TILES_PX],
      [seconds[1, tile] for tile in _TILES_PX],
      's',
    ),
  ]


def _growth(name, what, sizes, values, unit):
  sizes = [round(size, 3) for size in sizes]
  pairs = ', '.join(
    f'{size:g}: {speed_figures.shown(value)}'
    for size, value in zip(sizes, values, strict=True)
  )
  return {
    'name': name,
    'value': speed_figures.slope(sizes, values),
    'what': what,
    'sizes': sizes,
    'values': values,
    'unit': unit,
    'how': f'{unit} at {what} {pairs}',
  }


def starting(bench):
  """From a command to its first training step and to its first pixels."""
  root = pathlib.Path(__file__).resolve().parent.parent
  with tempfile.TemporaryDirectory(dir=bench.work) as scratch:
    # Every step leaves a checkpoint, which tells that it is done.
    train = [
      root / 'train_main.py',
      f'--flagfile={root}/configs/real.cfg',
      f'--data_dir={bench.tiles()}',
      f'--run_dir={scratch}/run',
      '--checkpoint_minutes=0',
    ]
    predict = [
      root / 'predict_main.py',
      f'--model={bench.model}',
      f'--input={bench.scenes / _SCENE}',
      f'--output={scratch}/heights.tif',
    ]
    ways = {
      'first_step_s': (train, f'{scratch}/run/checkpoint.npz'),
      'first_pixel_s': (
        predict,
        f'{scratch}/.heights.tif.unfinished/rows_000000000.tif',
      ),
    }
    seconds = {name: [] for name in ways}
    # The first round warms the disk.
    for turn in range(bench.machine.repeats + 1):
      for name, (command, sign) in ways.items():
        found = _until(command, pathlib.Path(sign), bench.machine.logs / name)
        if turn:
          seconds[name].append(found)
      shutil.rmtree(scratch)
      pathlib.Path(scratch).mkdir()
  return [
    {
      'name': name,
      'value': sorted(values)[len(values) // 2],
      'seconds': values,
      'how': f'{min(values):.1f} to {max(values):.1f} s',
    }
    for name, values in seconds.items()
  ]


def _until(command, sign, log):
  """Seconds from the start of a command until a file is there; then it ends."""
  began = time.perf_counter()
  with log.open('w') as stream:
    process = subprocess.Popen(
      [sys.executable, *command], stdout=stream, stderr=stream
    )
  try:
    while not sign.exists():
      if process.poll() is not None or _over(began):
        raise errors.InputError(f'{command[0]} failed; {log} tells why.')
      time.sleep(0.02)
    return time.perf_counter() - began
  finally:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _over(began):
  return time.perf_counter() - began > _PATIENCE_S


def draw(rows, path):
  """Draws every slope of the rows, each with its line of the same cost.

  Args:
    rows: of this module; those without sizes are left out.
    path: a PNG.

  Returns:
    Whether there was something to draw.
  """
  grown = [row for row in rows if 'sizes' in row]
  if not grown:
    return False
  theme = style.LIGHT
  drawn = figure.Figure(figsize=(9.0, 6.6), layout='constrained')
  places = drawn.subplots(2, 2).ravel()
  for axes, row in zip(places, grown, strict=False):
    sizes, values = row['sizes'], row['values']
    start = values[0] / sizes[0]
    axes.loglog(sizes, values, 'o-', color=theme.model, label='measured')
    axes.loglog(
      sizes,
      [start * size for size in sizes],
      '--',
      color=theme.zero,
      label='in proportion',
    )
    axes.set(
      title=f'{row["name"]}: {row["value"]:.2f}',
      xlabel=row['what'],
      ylabel={'s': 'seconds', 'MB': 'peak memory (MB)'}[row['unit']],
    )
    axes.set_xticks(sizes, [f'{size:g}' for size in sizes])
    axes.minorticks_off()
    axes.grid(color=theme.faint, linewidth=0.6)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False)
  for axes in places[len(grown) :]:
    axes.set_axis_off()
  with files.replacing(path) as scratch:
    drawn.savefig(scratch, format='png', dpi=100)
  return True
