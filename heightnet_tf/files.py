"""Writing files so that nobody ever meets half of one."""

import contextlib
import json
import os
import pathlib
import shutil
import tempfile

from heightnet_tf import errors


@contextlib.contextmanager
def replacing(path, *, folder=False):
  """Yields a scratch path beside `path`; renames it into place at the end.

  The scratch path has the suffix of `path`, so that writers which choose a
  format by file name choose the right one. On any error it is removed and
  whatever stood at `path` before is left as it was.

  Args:
    path: the file or folder to write; missing parent folders are made.
    folder: whether a folder is written (yielded existing and empty).

  Yields:
    pathlib.Path of the scratch file (not existing) or folder (existing).

  Raises:
    errors.OutputError: the place cannot be written.
  """
  path = pathlib.Path(path)
  try:
    path.parent.mkdir(parents=True, exist_ok=True)
    nest = pathlib.Path(
      tempfile.mkdtemp(prefix=f'.{path.stem}.', dir=path.parent)
    )
  except OSError as error:
    raise output_error(path, error) from error
  scratch = nest / path.name
  try:
    if folder:
      scratch.mkdir()
    yield scratch
    if folder and path.is_dir():
      shutil.rmtree(path)
    os.replace(scratch, path)
  except OSError as error:
    raise output_error(path, error) from error
  finally:
    shutil.rmtree(nest, ignore_errors=True)


def remove_scratch(path):
  """Removes what a process left that was killed while it wrote `path`."""
  path = pathlib.Path(path)
  for left in path.parent.glob(f'.{path.stem}.????????'):
    shutil.rmtree(left, ignore_errors=True)


def output_error(path, error):
  """The sentence for a place that cannot be written."""
  # Not all that libraries raise is an OSError.
  reason = getattr(error, 'strerror', None) or error
  return errors.OutputError(
    f'Cannot write {path}: {reason}. Choose an output path in a folder that '
    'exists and is writable.'
  )


def write_text(path, text):
  """Writes `text` to `path` whole or not at all."""
  with replacing(path) as scratch:
    scratch.write_text(text, encoding='utf-8')


def write_json(path, value):
  """Writes `value` as indented JSON to `path` whole or not at all."""
  write_text(path, json.dumps(value, indent=2, allow_nan=False) + '\n')
