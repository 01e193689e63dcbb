"""Model files of half the size, for models that are handed on."""

import io
import zipfile

import h5py
import numpy as np

from heightnet_tf import files
from heightnet_tf.training import model_file

_WEIGHTS = 'model.weights.h5'


def save(path, model, card) -> None:
  """Writes a model as `model_file.save` does, its kernels in half precision.

  It is read, and computes, as any other: in float32. Statistics, scales and
  offsets stay in float32, where half precision could overflow.

  Args:
    path: where to; must end in `.keras`.
    model: keras.Model in float32.
    card: what the file says of itself.

  Raises:
    errors.OutputError: the place cannot be written.
  """
  with files.replacing(path) as scratch:
    whole = scratch.with_name('whole.keras')
    model_file.save(whole, model, card)
    with (
      zipfile.ZipFile(whole) as source,
      zipfile.ZipFile(scratch, 'w', zipfile.ZIP_DEFLATED) as target,
    ):
      for name in source.namelist():
        content = source.read(name)
        halved = _halved(content) if name == _WEIGHTS else content
        target.writestr(name, halved, compresslevel=9)


def _halved(weights: bytes) -> bytes:
  """The file of weights with arrays of two and more dimensions in float16."""
  small = io.BytesIO()
  with (
    h5py.File(io.BytesIO(weights), 'r+') as before,
    h5py.File(small, 'w') as after,
  ):
    for name in _kernels(before):
      kernel = before[name][()]
      del before[name]
      before[name] = kernel.astype(np.float16)
    # Copied, because HDF5 keeps the room of what was deleted.
    for name in before:
      before.copy(name, after)
  return small.getvalue()


def _kernels(group) -> list[str]:
  names = []

  def visit(name, item):
    if isinstance(item, h5py.Dataset) and item.ndim > 1:
      names.append(name)

  group.visititems(visit)
  return names
