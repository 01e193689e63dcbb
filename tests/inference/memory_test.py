import ctypes
import platform

import numpy as np
import pytest

from heightnet_tf.inference import memory


def _resident_mb():
  with open('/proc/self/status') as status:
    (line,) = (line for line in status if line.startswith('VmRSS'))
  return int(line.split()[1]) / 1e3


@pytest.mark.skipif(
  platform.libc_ver()[0] != 'glibc', reason='Only glibc keeps memory.'
)
def test_freed_memory_goes_back():
  memory.map_large_blocks()
  before = _resident_mb()
  # 100 MB in blocks too small to be mapped, and one at the end that stays.
  blocks = [np.ones(2**16, np.uint8) for _ in range(1600)]
  assert _resident_mb() > before + 80
  del blocks[:-1]
  memory.give_back()
  assert _resident_mb() < before + 40


def test_other_systems_are_left_alone(monkeypatch):
  def nothing(name):
    raise OSError(name)

  monkeypatch.setattr(ctypes, 'CDLL', nothing)
  memory.map_large_blocks()
  memory.give_back()
