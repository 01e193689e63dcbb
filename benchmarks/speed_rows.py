"""The rows of benchmarks/speed.py on training, input and inference."""

import dataclasses
import functools
import os
import pathlib

import places
import speed_figures
import speed_processes

from heightnet_tf import errors
from heightnet_tf.geo import reading
from heightnet_tf.geo import writing

THREADS = os.cpu_count()
_TILE_PX = 256
_KINDS = ('float32', 'bfloat16')
# Formats of an exported network.
_RUNTIMES = {
  'keras': 'model.keras',
  'saved_model': 'saved_model',
  'tflite_float32': 'height_float32.tflite',
  'tflite_float16': 'height_float16.tflite',
  'tflite_dynamic': 'height_dynamic.tflite',
  'tflite_int8': 'height_int8.tflite',
  'tflite_int8_io': 'height_int8_io.tflite',
}
_ONNX = ('onnx_float32', 'onnx_int8')
INFERENCE_ROWS = (
  *(f'infer_{name}_vs_torch' for name in (*_RUNTIMES, *_ONNX)),
  'int8_vs_torch_bf16',
  'float32_vs_onnx_float32',
  'int8_vs_onnx_int8',
)
_INTEGER = ('tflite_dynamic', 'tflite_int8', 'tflite_int8_io', 'onnx_int8')


@dataclasses.dataclass(kw_only=True)
class Bench:
  """What all rows share.

  Attributes:
    machine: speed_processes.Machine.
    work: folder for what is made.
    scenes: folder of the places.
    model: the default model, a file.
    accuracy: folder where benchmarks/accuracy.py keeps its results.
    ceilings: operations a second by name, once they are measured.
  """

  machine: speed_processes.Machine
  work: pathlib.Path
  scenes: pathlib.Path
  model: pathlib.Path
  accuracy: pathlib.Path
  ceilings: dict = dataclasses.field(default_factory=dict)

  def measure(self, *jobs):
    """See speed_processes.measure."""
    return speed_processes.measure(self.machine, *jobs)

  def ceiling(self, name):
    """Operations a second that the machine can do, measured in this run."""
    if not self.ceilings:
      found = self.measure(
        *(
          speed_processes.ours('ceiling', what=what, kind=kind)
          for what, kind in _CEILINGS.values()
        )
      )
      self.ceilings = {
        name: one.facts['operations'] / one.median_s
        for name, one in zip(_CEILINGS, found, strict=True)
      }
    return self.ceilings[name]

  def tiles(self):
    """Training pairs: images as PNG and TIFF by turns, heights as TIFF."""
    folder = self.work / 'tiles'
    if not folder.exists():
      scenes = places.scenes(self.scenes, ['autzen'])
      places.cut(self.work / 'blocks', scenes, places.nothing)
      (self.work / 'blocks').rename(folder)
      for path in sorted((folder / 'imgs').glob('*.tif'))[::2]:
        image = reading.read_image(path)
        writing.write_image(path.with_suffix('.png'), image.pixels, None)
        path.unlink()
    return folder


_CEILINGS = {
  'matmul_float32': ('matmul', 'float32'),
  'matmul_bfloat16': ('matmul', 'bfloat16'),
  'conv_float32': ('conv', 'float32'),
  'conv_bfloat16': ('conv', 'bfloat16'),
  'litert_conv_int8': ('litert', 'int8'),
  'copy': ('copy', 'float32'),
}
CEILING_ROWS = tuple(f'ceiling_{name}' for name in _CEILINGS)


def ceilings(bench):
  """What the machine can do at best, giga-operations a second."""
  units = {'copy': 'GB/s, read and written'}
  return [
    {
      'name': f'ceiling_{name}',
      'value': bench.ceiling(name) / 1e9,
      'how': units.get(name, 'GFLOP/s'),
    }
    for name in _CEILINGS
  ]


def train_job(network, base, batch, tile=_TILE_PX):
  """Our training steps."""
  return speed_processes.ours(
    'training', network=network, base=base, batch=batch, tile=tile
  )


def training(bench, *, name, network, base, batch):
  """Training steps, ours and the peer's in turn."""
  own, theirs = bench.measure(
    train_job(network, base, batch),
    speed_processes.peer(
      'training',
      network=network,
      base=base,
      batch=batch,
      tile=_TILE_PX,
      threads=THREADS,
    ),
  )
  return [
    _against_peer(name, own, theirs)
    | {
      'images_per_s': batch / own.median_s,
      'share_of_ceiling': own.facts['operations']
      / own.median_s
      / bench.ceiling(f'conv_{_kind(own)}'),
    }
  ]


def training_ceiling(bench, *, name, base, batch):
  """Operations a second of training, as a share of a convolution's alone."""
  own, *alone = bench.measure(
    train_job('unet', base, batch),
    *(
      speed_processes.ours('ceiling', what='conv', kind=kind) for kind in _KINDS
    ),
  )
  best = alone[_KINDS.index(_kind(own))]
  rates = [
    [one.facts['operations'] / seconds for seconds in one.seconds]
    for one in (best, own)
  ]
  share = speed_figures.ratio(*rates)
  return [
    {
      'name': name,
      'value': share,
      'ours': own.median_s,
      'share_of_ceiling': share,
      'peak_mb': [own.peak_mb],
      'images_per_s': batch / own.median_s,
      'operations': own.facts['operations'],
      'how': f'{own.facts["way"]}, batch {batch}, of the 3 x 3 convolution in '
      f'{_kind(own)}',
    }
  ]


def feeding(bench):
  """What the pipeline can feed, by what a training step takes."""
  batch = 4
  folder = str(bench.tiles())
  job = functools.partial(
    speed_processes.ours, 'feeding', folder=folder, crop=_TILE_PX, batch=batch
  )
  step, warm, cold = bench.measure(
    train_job('unet', 32, batch), job(cached=True), job(cached=False)
  )
  step_rate = batch / step.median_s
  rows = []
  for name, one, how in (
    ('warm', warm, 'decoded pairs kept in memory'),
    ('cold', cold, 'tiles of 512 as PNG and TIFF, decoded for each crop'),
  ):
    each = [seconds / one.facts['images'] for seconds in one.seconds]
    rows.append(
      {
        'name': f'pipeline_{name}_vs_step',
        'value': speed_figures.ratio(
          each, [seconds / batch for seconds in step.seconds]
        ),
        'ours': one.facts['images'] / one.median_s,
        'unit': 'crops/s',
        'peak_mb': [one.peak_mb],
        'how': f'a step takes {step_rate:.2f} crops/s; {how}',
      }
    )
  return rows


def inference(bench):
  """One tile through every runtime, and the peer's, in turn."""
  base, tile = 32, _TILE_PX
  folder = bench.work / f'unet_{base}_{tile}'
  (written,) = bench.measure(
    speed_processes.ours(
      'export', network='unet', base=base, tile=tile, folder=str(folder)
    )
  )
  shared = {'network': 'unet', 'base': base, 'tile': tile, 'threads': THREADS}
  onnx = functools.partial(
    speed_processes.peer, 'onnx', folder=str(bench.work), **shared
  )
  *own, theirs, onnx_float, onnx_int8 = bench.measure(
    *(
      speed_processes.ours('inference', path=str(folder / name), tile=tile)
      for name in _RUNTIMES.values()
    ),
    speed_processes.peer('inference', batch=1, **shared),
    onnx(int8=False),
    onnx(int8=True),
  )
  _check_equal(written, theirs)
  _check_equal(written, onnx_float)
  every = [*own, onnx_float, onnx_int8]
  by_name = dict(zip((*_RUNTIMES, *_ONNX), every, strict=True))
  operations = written.facts['operations']
  rows = [
    _pixel_rate(f'infer_{name}_vs_torch', one, theirs)
    | {
      'share_of_ceiling': operations
      / one.median_s
      / bench.ceiling(
        'litert_conv_int8' if name in _INTEGER else 'conv_float32'
      )
    }
    for name, one in by_name.items()
  ]
  return [
    *rows,
    _pixel_rate('int8_vs_torch_bf16', by_name['tflite_int8'], theirs),
    _pixel_rate(
      'float32_vs_onnx_float32', by_name['tflite_float32'], onnx_float
    ),
    _pixel_rate('int8_vs_onnx_int8', by_name['tflite_int8'], onnx_int8),
  ]


def _pixel_rate(name, own, theirs):
  """A row of two runtimes, in megapixels a second."""
  megapixels = _TILE_PX**2 / 1e6
  return _against_peer(name, own, theirs) | {
    'ours': megapixels / own.median_s,
    'peer': megapixels / theirs.median_s,
    'unit': 'Mpx/s',
  }


def _against_peer(name, own, theirs):
  if 'parameters' in own.facts:
    _check_equal(own, theirs)
  return {
    'name': name,
    'value': speed_figures.ratio(own.seconds, theirs.seconds),
    'ours': own.median_s,
    'peer': theirs.median_s,
    'peak_mb': [own.peak_mb, theirs.peak_mb],
    'parameters': theirs.facts['parameters'],
    'tried_by_peer_s': theirs.facts.get('tried_s'),
    'how': f'{own.facts["way"]}; {theirs.facts["way"]}',
  }


def _check_equal(own, theirs):
  counts = own.facts['parameters'], theirs.facts['parameters']
  if counts[0] != counts[1]:
    raise errors.InputError(
      f'Our network has {counts[0]} parameters, the peer {counts[1]}. Expected '
      'the same network on both sides; mend speed_peer.py.'
    )


def _kind(measured):
  """The number format that a job of ours computes in."""
  return 'bfloat16' if 'bfloat16' in measured.facts['way'] else 'float32'
