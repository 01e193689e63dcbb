import ctypes
import platform
import subprocess
import sys

import pytest

from heightnet_tf.inference import memory

# In an interpreter of its own: one that has run other tests fills what they
# have left behind before it asks the system for more.
_FREE = """
import numpy as np
from heightnet_tf.inference import memory

def resident_mb():
  with open('/proc/self/status') as status:
    (line,) = (line for line in status if line.startswith('VmRSS'))
  return int(line.split()[1]) / 1e3

memory.map_large_blocks()
print(resident_mb())
# 100 MB in blocks too small to be mapped, and one at the end that stays.
blocks = [np.ones(2**16, np.uint8) for _ in range(1600)]
del blocks[:-1]
print(resident_mb())
memory.give_back()
print(resident_mb())
"""


@pytest.mark.skipif(
  platform.libc_ver()[0] != 'glibc', reason='Only glibc keeps memory.'
)
def test_freed_memory_goes_back():
  printed = subprocess.run(
    [sys.executable, '-c', _FREE], check=True, capture_output=True, text=True
  )
  before, freed, given_back = map(float, printed.stdout.split())
  assert freed > before + 80
  assert given_back < before + 40


def test_other_systems_are_left_alone(monkeypatch):
  def nothing(name):
    raise OSError(name)

  monkeypatch.setattr(ctypes, 'CDLL', nothing)
  memory.map_large_blocks()
  memory.give_back()
