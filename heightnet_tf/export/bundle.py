"""Every format that is asked for: written aside, checked, moved into place."""

import contextlib
import dataclasses
import pathlib

from absl import logging
import keras
import tensorflow as tf

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf import model_card
from heightnet_tf.export import judging
from heightnet_tf.export import litert
from heightnet_tf.export import metadata
from heightnet_tf.export import parity
from heightnet_tf.export import saved_model
from heightnet_tf.export import tiles as real_tiles
from heightnet_tf.inference import backends

# Folder of numbered versions, as TensorFlow Serving wants it.
SERVING_NAME = 'heightnet'
PARITY_NAME = 'parity.json'


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Export:
  """What is exported.

  Attributes:
    model: image [N, H, W, C] to a map for each of `card.outputs`.
    card: what the model says of itself.
    path: the file it came from.
    calibration: tiles that calibrate int8.
    check: tiles that every file is checked on.
    sizes: of the `.tflite` files; empty for one, that of `calibration`.
    licence: of the model; None if nobody says.
  """

  model: keras.Model
  card: model_card.ModelCard
  path: str
  calibration: real_tiles.Tiles
  check: real_tiles.Tiles
  sizes: tuple[real_tiles.Size, ...] = ()
  licence: str | None = None


def write(
  export: Export,
  output,
  formats,
  *,
  max_mae_change_m,
  max_tall_mae_change_m=None,
) -> dict:
  """Writes files, all of them or, if one does not agree, none.

  Args:
    export: what to write.
    output: folder to write into; earlier versions of the SavedModel stay.
    formats: keys of FORMATS.
    max_mae_change_m: the largest change of MAE for every file, metres; None
      for judging.LIMITS_M.
    max_tall_mae_change_m: the same where truth is at least 20 m; None for
      judging.TALL_LIMIT_M.

  Returns:
    Figures as in parity.json; `rows_of` makes rows of them.

  Raises:
    errors.FlagError: an unknown format.
    errors.ExportError: a file does not agree with the model.
    errors.OutputError: the folder cannot be written.
  """
  _check_formats(formats)
  output = pathlib.Path(output)
  with contextlib.ExitStack() as stack:
    stack.enter_context(_quiet_tensorflow())
    # The first to be entered comes into place last: figures after files.
    scratch = stack.enter_context(files.replacing(output / PARITY_NAME))
    judge = judging.Judge(
      backends.KerasPredictor(export.model, export.card),
      export.path,
      export.check,
      max_mae_change_m=max_mae_change_m,
      max_tall_mae_change_m=max_tall_mae_change_m,
    )
    for name in _without_repeats(formats):
      judge.rows += FORMATS[name](export, output, stack, judge)
    parity.require(judge.rows)
    figures = _figures(export, judge.rows)
    files.write_json(scratch, figures)
  return figures


def rows_of(figures: dict) -> list[parity.Row]:
  """The rows of figures that `write` returned."""
  return [parity.Row(**row) for row in figures['files']]


@contextlib.contextmanager
def _quiet_tensorflow():
  """Holds back what TensorFlow notes of every folder that it writes."""
  ours, theirs = logging.get_verbosity(), tf.get_logger().level
  if ours == logging.INFO:
    logging.set_verbosity(logging.WARNING)
    tf.get_logger().setLevel('WARNING')
  try:
    yield
  finally:
    logging.set_verbosity(ours)
    tf.get_logger().setLevel(theirs)


def _check_formats(formats):
  unknown = [name for name in formats if name not in FORMATS]
  if unknown or not formats:
    raise errors.FlagError(
      f'--format={",".join(formats)} is not known. Expected some of '
      f'{",".join(FORMATS)}, separated by commas.'
    )


def _without_repeats(formats):
  """Each format once; `serving` holds what `saved_model` would write."""
  left_out = {'saved_model'} if 'serving' in formats else set()
  return [name for name in dict.fromkeys(formats) if name not in left_out]


def _write_saved_model(export, output, stack, judge):
  """Writes the next version; its row."""
  return _write_version(export, output, stack, judge)[1]


def _write_version(export, output, stack, judge):
  """Writes the next version; its folder, not yet in place, and its row."""
  target = output / SERVING_NAME / str(_next_version(output / SERVING_NAME))
  folder = stack.enter_context(files.replacing(target, folder=True))
  saved_model.write(export.model, export.card, folder)
  row = judge.row(
    judging.SAVED_MODEL,
    folder,
    export.check,
    label=f'{SERVING_NAME}/{target.name}',
    note='',
  )
  return folder, [row]


def _write_serving(export, output, stack, judge):
  """Writes the next version, warm-up requests and what lies around it."""
  # They need a package of their own.
  from heightnet_tf.export import serving
  from heightnet_tf.export import warmup

  folder, rows = _write_version(export, output, stack, judge)
  tile = export.check.image[0]
  warmup.write(folder, export.card, tile, name=SERVING_NAME)
  for name, text in serving.texts(export.card, folder).items():
    scratch = stack.enter_context(files.replacing(output / name))
    scratch.write_text(text, encoding='utf-8')
  return rows


def _next_version(folder):
  taken = [int(path.name) for path in folder.glob('*') if path.name.isdecimal()]
  return max(taken, default=0) + 1


def _write_tflite(export, output, stack, judge):
  """Writes every variant in every size; their rows."""
  own = real_tiles.Size(
    side_px=None, calibration=export.calibration, check=export.check
  )
  rows = []
  for size in export.sizes or (own,):
    image = size.calibration.image
    resizable = size.side_px == 0
    description = metadata.describe(
      export.card,
      side_px=None if resizable else image.shape[1],
      licence=export.licence,
    )
    ways = litert.attempts(export.model, image, resizable=resizable)
    for variant, attempts in ways.items():
      name = litert.named(variant, size.side_px)
      scratch = stack.enter_context(files.replacing(output / name))
      for attempt in attempts:
        scratch.write_bytes(metadata.embed(attempt.make(), description))
        model_card.attach(export.card, scratch)
        row = judge.row(
          variant, scratch, size.check, label=name, note=attempt.note
        )
        # The first that agrees, or else the last.
        if row.passes:
          break
      rows.append(row)
  return rows


def _figures(export, rows):
  check = export.check.image
  return {
    'model': str(export.path),
    'tiles': len(check),
    'window_px': check.shape[1],
    'calibration_tiles': len(export.calibration.image),
    'files': [dataclasses.asdict(row) for row in rows],
  }


FORMATS = {
  'saved_model': _write_saved_model,
  'tflite': _write_tflite,
  'serving': _write_serving,
}
# What is written if nothing is asked for.
DEFAULT_FORMATS = ('saved_model', 'tflite')
