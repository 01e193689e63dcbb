"""Memory that is no longer used, given back to the system.

Arrays as wide as a scene come and go in several threads. The C library of Linux
keeps what they leave behind, for each thread apart: half as much again as is in
use, and more with every scene. Elsewhere nothing needs to be done here.
"""

import ctypes

# mallopt(3): a block from this size on is mapped for itself, and unmapped when
# it is freed.
_M_MMAP_THRESHOLD = -3
_MAPPED_BYTES = 2**20


def map_large_blocks() -> None:
  """From now on a large block goes back to the system as it is freed."""
  _call('mallopt', _M_MMAP_THRESHOLD, _MAPPED_BYTES)


def give_back() -> None:
  """Gives back what small blocks that were freed have left behind."""
  _call('malloc_trim', 0)


def _call(name, *values):
  # None: the functions of the process itself, those of glibc among them.
  try:
    function = getattr(ctypes.CDLL(None), name)
  except (AttributeError, OSError, TypeError):
    return
  function(*values)
