"""What makes a device fast: its number format, its graphs."""

import contextlib
import pathlib

import keras
import tensorflow as tf

_CPU_FLAGS = ('avx512_bf16', 'amx_bf16', 'avx_ne_convert')


def policy_name(amp: bool) -> str:
  """Picks the Keras mixed-precision policy for this machine.

  Args:
    amp: whether mixed precision is wished for.

  Returns:
    'mixed_bfloat16' on a TPU, a GPU of compute capability 8 or more and a CPU
    with bfloat16 instructions; 'mixed_float16' on an older GPU; 'float32' on
    other CPUs, where half precision is emulated and slower, or without `amp`.
  """
  if not amp:
    return 'float32'
  if tf.config.list_logical_devices('TPU'):
    return 'mixed_bfloat16'
  gpus = tf.config.list_physical_devices('GPU')
  if gpus:
    details = tf.config.experimental.get_device_details(gpus[0])
    major = details.get('compute_capability', (8, 0))[0]
    return 'mixed_bfloat16' if major >= 8 else 'mixed_float16'
  return 'mixed_bfloat16' if _cpu_has_bfloat16() else 'float32'


def for_policy(optimizer):
  """Adds loss scaling where the current policy computes in float16.

  Args:
    optimizer: keras.optimizers.Optimizer.

  Returns:
    The optimizer, or a keras.optimizers.LossScaleOptimizer around it.
  """
  if keras.mixed_precision.global_policy().compute_dtype == 'float16':
    return keras.optimizers.LossScaleOptimizer(optimizer)
  return optimizer


@contextlib.contextmanager
def unrewritten():
  """Runs training steps as they are written, on a CPU.

  There TensorFlow rewrites their graph for a second or two before the first
  one, and no step is faster for it. (Predicting is.)
  """
  if tf.config.list_physical_devices('GPU'):
    yield
    return
  options = tf.config.optimizer
  options.set_experimental_options({'disable_meta_optimizer': True})
  try:
    yield
  finally:
    options.set_experimental_options({'disable_meta_optimizer': False})


def _cpu_has_bfloat16():
  info = pathlib.Path('/proc/cpuinfo')
  if not info.exists():
    return False
  words = set(info.read_text(encoding='utf-8').split())
  return any(flag in words for flag in _CPU_FLAGS)
