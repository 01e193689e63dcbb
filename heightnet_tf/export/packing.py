"""A trained model made small, to be shipped inside the package."""

import contextlib
import dataclasses
import pathlib
import shutil
import tempfile

from heightnet_tf import bundled
from heightnet_tf import files
from heightnet_tf.export import bundle
from heightnet_tf.export import judging
from heightnet_tf.export import litert
from heightnet_tf.export import parity
from heightnet_tf.inference import backends
from heightnet_tf.training import model_file
from heightnet_tf.training import small_file

# Beside it, for the page, which wants one size; and for scenes of any size and
# small devices. Sides in pixels, 0 for any.
SIDES_PX = {litert.FLOAT16: 256, litert.INT8: 0}


def write(export: bundle.Export, output) -> list[parity.Row]:
  """Writes the small `.keras`, two `.tflite` made of it, and `parity.json`.

  Args:
    export: the trained model, and tiles to calibrate and check on in each of
      SIDES_PX.
    output: folder to write into; what else lies there stays.

  Returns:
    Of the trained model, of the small one compared with it, and of the
    `.tflite` files compared with the small one.

  Raises:
    errors.ExportError: a file is too far from what it is compared with.
    errors.OutputError: the folder cannot be written.
  """
  output = pathlib.Path(output)
  with contextlib.ExitStack() as stack:
    # The first to be entered comes into place last: figures after files.
    figures_path = stack.enter_context(
      files.replacing(output / bundle.PARITY_NAME)
    )
    small_path = stack.enter_context(files.replacing(output / bundled.NAME))
    small_file.save(small_path, export.model, export.card)
    rows = _small_rows(export, small_path)
    folder = pathlib.Path(
      stack.enter_context(tempfile.TemporaryDirectory(dir=small_path.parent))
    )
    figures = _write_tflite(export, small_path, folder)
    found = {row.file: row for row in bundle.rows_of(figures)}
    for name, side_px in SIDES_PX.items():
      made = litert.named(name, side_px)
      rows.append(dataclasses.replace(found[made], file=name))
      scratch = stack.enter_context(files.replacing(output / name))
      shutil.copyfile(folder / made, scratch)
    trained = {
      'model': pathlib.Path(export.path).name,
      'files': [dataclasses.asdict(row) for row in rows],
    }
    files.write_json(figures_path, figures | trained)
  return rows


def _small_rows(export, small_path) -> list[parity.Row]:
  judge = judging.Judge(
    backends.KerasPredictor(export.model, export.card),
    export.path,
    export.check,
    max_mae_change_m=None,
    max_tall_mae_change_m=None,
  )
  judge.rows.append(
    # As much is lost as in the other files of half precision.
    judge.row(
      litert.FLOAT16, small_path, export.check, label=bundled.NAME, note=''
    )
  )
  parity.require(judge.rows)
  return judge.rows


def _write_tflite(export, small_path, folder) -> dict:
  model, _ = model_file.load(small_path)
  small = dataclasses.replace(export, model=model, path=str(small_path))
  return bundle.write(small, folder, ['tflite'], max_mae_change_m=None)
