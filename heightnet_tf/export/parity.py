"""How far exported files are from the model they came from, in metres."""

import dataclasses
import pathlib
import time

import numpy as np

from heightnet_tf import errors
from heightnet_tf.export import tiles as real_tiles
from heightnet_tf.heights import bins
from heightnet_tf.heights import error_sums
from heightnet_tf.inference import predictor as predictors

_MAE = 'mae_m'
_TALL_MAE = 'mae_20m_up_m'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Limits:
  """How much a file may change the error, metres.

  Attributes:
    mae_m: largest change of the mean absolute error over all pixels.
    tall_mae_m: the same over those where truth is at least 20 m.
  """

  mae_m: float
  tall_mae_m: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class Row:
  """One file of the table.

  Attributes:
    file: name of the file or folder.
    note: what was given up for accuracy; empty if nothing.
    mae_m: mean absolute error over the known pixels of all tiles, metres.
    mae_change_m: that less the one of the Keras model.
    tall_mae_change_m: the same where truth is at least 20 m; None where
      nothing is.
    mean_difference_m: mean absolute difference from the Keras model.
    largest_difference_m: largest absolute difference from the Keras model.
    limit_m: the largest change of MAE that is accepted.
    tall_limit_m: the largest change where truth is at least 20 m.
    size_mb: millions of bytes.
    latency_ms: median time to predict one tile.
    bins: for each height bin `low_m`, `high_m`, `pixels`, `mae_m` and
      `mae_change_m`, the last two None where it has no pixel.
  """

  file: str
  note: str
  mae_m: float
  mae_change_m: float
  tall_mae_change_m: float | None
  mean_difference_m: float
  largest_difference_m: float
  limit_m: float
  tall_limit_m: float
  size_mb: float
  latency_ms: float
  bins: list[dict]

  @property
  def passes(self) -> bool:
    """Whether the file is close enough, and all it predicts is a number."""
    return (
      abs(self.mae_change_m) <= self.limit_m
      and abs(self.tall_mae_change_m or 0.0) <= self.tall_limit_m
      and bool(np.isfinite(self.largest_difference_m))
    )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Measured:
  """A model run on tiles.

  Attributes:
    height_m: float32 [N, H, W, 1], metres.
    errors_m: figures of `error_sums.ErrorSums.summary`.
    latency_ms: median time to predict one tile.
  """

  height_m: np.ndarray
  errors_m: dict
  latency_ms: float


def measure(
  predictor: predictors.Predictor, tiles: real_tiles.Tiles
) -> Measured:
  """Predicts every tile on its own and takes the time.

  Args:
    predictor: the model.
    tiles: to run it on; some height is known.

  Returns:
    Measured.
  """
  predictor(tiles.image[:1])  # the first call also traces and allocates
  heights, seconds = [], []
  for image in tiles.image:
    start = time.perf_counter()
    heights.append(predictor(image[None])[..., :1])
    seconds.append(time.perf_counter() - start)
  height_m = np.concatenate(heights)
  sums = error_sums.ErrorSums.of(
    height_m, tiles.height_m, edges_m=bins.REPORT_EDGES_M
  )
  return Measured(
    height_m=height_m,
    errors_m=sums.summary(),
    latency_ms=1e3 * float(np.median(seconds)),
  )


def compare(
  path, measured: Measured, reference: Measured, *, limits: Limits, note: str
) -> Row:
  """Sets a file beside the Keras model.

  Args:
    path: the file or folder.
    measured: the file, run on tiles.
    reference: the Keras model, run on the same tiles.
    limits: what is accepted.
    note: what was given up for accuracy.

  Returns:
    Row.
  """
  path = pathlib.Path(path)
  with np.errstate(invalid='ignore'):  # infinite heights do not pass
    difference_m = np.abs(measured.height_m - reference.height_m)
  ours, theirs = measured.errors_m, reference.errors_m
  mae_m = float('nan') if ours[_MAE] is None else ours[_MAE]
  return Row(
    file=path.name,
    note=note,
    mae_m=mae_m,
    mae_change_m=mae_m - theirs[_MAE],
    tall_mae_change_m=_change(ours, theirs, _TALL_MAE),
    mean_difference_m=float(difference_m.mean(dtype=np.float64)),
    largest_difference_m=float(difference_m.max()),
    limit_m=limits.mae_m,
    tall_limit_m=limits.tall_mae_m,
    size_mb=size_mb(path),
    latency_ms=measured.latency_ms,
    bins=bin_changes(ours, theirs),
  )


def bin_changes(ours: dict, theirs: dict) -> list[dict]:
  """MAE of each height bin, and by how much it differs from another model's.

  Args:
    ours: figures of `error_sums.ErrorSums.summary`.
    theirs: the other model's on the same pixels.

  Returns:
    A dict for each bin, as `Row.bins`.
  """
  return [
    {name: one[name] for name in ('low_m', 'high_m', 'pixels', _MAE)}
    | {'mae_change_m': _change(one, other, _MAE)}
    for one, other in zip(ours['bins'], theirs['bins'], strict=True)
  ]


def _change(ours, theirs, name):
  """What a figure changes by; None where either has no pixel."""
  if ours[name] is None or theirs[name] is None:
    return None
  return ours[name] - theirs[name]


def require(rows: list[Row]) -> None:
  """Refuses files that are too far from the Keras model.

  Args:
    rows: the files.

  Raises:
    errors.ExportError: an MAE changes by more than its limit, or a prediction
      is not a number.
  """
  far = [
    f'{row.file} by {row.mae_change_m:+.4f} m (at most {row.limit_m:g} m), '
    f'from 20 m up by {row.tall_mae_change_m or 0.0:+.4f} m (at most '
    f'{row.tall_limit_m:g} m)'
    for row in rows
    if not row.passes
  ]
  if far:
    raise errors.ExportError(
      f'The MAE changes too much: {"; ".join(far)}. Nothing was written; raise '
      '--calibration_tiles or, to accept the change, --max_mae_change_m or '
      '--max_tall_mae_change_m.'
    )


def size_mb(path) -> float:
  """Size of a file, or of all files in a folder, in millions of bytes."""
  path = pathlib.Path(path)
  parts = path.rglob('*') if path.is_dir() else [path]
  return sum(part.stat().st_size for part in parts if part.is_file()) / 1e6


def table(rows: list[Row]) -> str:
  """Lays the rows out for a person.

  Args:
    rows: the Keras model first.

  Returns:
    Lines of text: the files, then what they change in each height bin.
  """
  width = max(len(row.file) for row in rows) + 2
  lines = [
    f'{"file":{width}}{"MAE m":>9}{"change m":>10}{"limit m":>9}'
    f'{"20 m up":>9}{"largest m":>11}{"MB":>9}{"ms a tile":>11}'
  ]
  lines += [
    f'{row.file:{width}}{row.mae_m:9.4f}{row.mae_change_m:+10.4f}'
    f'{row.limit_m:9g}{_signed(row.tall_mae_change_m):>9}'
    f'{row.largest_difference_m:11.4f}{row.size_mb:9.2f}{row.latency_ms:11.1f}'
    + (f'  {row.note}' if row.note else '')
    for row in rows
  ]
  labels = [
    error_sums.bin_label(one['low_m'], one['high_m']) for one in rows[0].bins
  ]
  lines += ['', f'{"change m where truth is, m":{width}}' + _cells(labels)]
  lines += [
    f'{row.file:{width}}'
    + _cells(_signed(one['mae_change_m']) for one in row.bins)
    for row in rows[1:]
  ]
  return '\n'.join(lines)


def _cells(texts):
  return ''.join(f'{text:>9}' for text in texts)


def _signed(change_m):
  return '-' if change_m is None else f'{change_m:+.3f}'
