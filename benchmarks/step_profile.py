r"""Where the time of a training step of the plain U-Net goes.

  python benchmarks/step_profile.py --base=32 --base=64

The step of `train_base32_vs_torch` and `train_base64_vs_ceiling` in speed.py
under TensorFlow's profiler, kernel after kernel, so that the times add up; the
ceiling, a 3 x 3 convolution alone, is measured in the same process. Prints a
table in Markdown.
"""

import collections
import os
import pathlib
import sys
import tempfile

from absl import flags

# Read when TensorFlow starts: kernels that overlap would count twice.
os.environ['TF_NUM_INTEROP_THREADS'] = '1'
# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import keras
import speed_ceilings
import speed_loop
import speed_ours
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2

from heightnet_tf import command

_BASE = flags.DEFINE_multi_integer(
  'base', [32, 64], 'Channels, as base_filters.'
)
_STEPS = flags.DEFINE_integer('steps', 3, 'Steps under the profiler.')

# What kernels do, to the parts of their names.
KINDS = {
  'convolutions forward': ('Conv2D',),
  # Transposed convolutions are such gradients, too.
  'gradients by their inputs': ('Conv2DBackpropInput',),
  # Products of matrices are those of `layers.DoublingConvolution`.
  'gradients by their kernels': ('Conv2DBackpropFilter', 'MatMul'),
  'batch normalisation, both ways': (
    'FusedBatchNormV3',
    'FusedBatchNormGradV3',
  ),
  'rectifying, both ways': ('Relu', 'ReluGrad'),
  'joining the skips, both ways': ('ConcatV2', 'Slice'),
  'halving, both ways': ('MaxPool', 'MaxPoolGrad'),
}
REST = 'all else (AdamW, average, loss, sums)'


def main(argv):
  """Prints the table."""
  command.reject_leftovers(argv)
  print('| base | what | ms | share | GFLOP/s |')
  print('| --- | --- | --- | --- | --- |')
  for base in _BASE.value:
    for line in lines(base):
      print('| ' + ' | '.join(line) + ' |')


def lines(base):
  """Rows of the table for one network, batch 4, tiles of 256 pixels."""
  run, facts = speed_ours.training('unet', base, 4, 256)
  number_format = keras.config.dtype_policy().compute_dtype
  alone, ceiling = speed_ceilings.ceiling('conv', number_format)
  fastest_s = min(speed_loop.seconds_of(alone, 1) for _ in range(5))
  found = kernels_ms(run, _STEPS.value)
  whole = sum(found.values())
  convolving = sum(found[kind] for kind in list(KINDS)[:3])
  for kind, took in found.items():
    yield str(base), kind, f'{took:.0f}', f'{took / whole:.1%}', ''
  giga = facts['operations'] / 1e6
  yield (
    str(base),
    'convolutions',
    f'{convolving:.0f}',
    (f'{convolving / whole:.1%}'),
    f'{giga / convolving:.0f}',
  )
  yield str(base), 'the step', f'{whole:.0f}', '100%', f'{giga / whole:.0f}'
  yield (
    str(base),
    'a 3 x 3 convolution alone, at its best',
    '',
    '',
    (f'{ceiling["operations"] / fastest_s / 1e9:.0f}'),
  )


def kernels_ms(run, steps):
  """Milliseconds that each kind of kernel takes of one step."""
  with tempfile.TemporaryDirectory() as folder:
    tf.profiler.experimental.start(folder)
    for _ in range(steps):
      run()
    tf.profiler.experimental.stop()
    (path,) = pathlib.Path(folder).glob('**/*.xplane.pb')
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
  kind_of = {name: kind for kind, names in KINDS.items() for name in names}
  found = collections.Counter(dict.fromkeys([*KINDS, REST], 0.0))
  for plane in space.planes:
    for line in plane.lines:
      for event in line.events:
        # Kernels are called `place in the network:operation`.
        place, _, kernel = plane.event_metadata[
          event.metadata_id
        ].name.rpartition(':')
        if place and not place.endswith(':') and ' ' not in kernel:
          kernel = kernel.removeprefix('_MklNative')
          found[kind_of.get(kernel, REST)] += event.duration_ps / 1e9 / steps
  return found


if __name__ == '__main__':
  command.run(main)
