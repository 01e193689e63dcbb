"""Files loaded by their own runtime and held against the Keras model."""

import dataclasses

from heightnet_tf.export import litert
from heightnet_tf.export import parity
from heightnet_tf.export import tiles as real_tiles
from heightnet_tf.inference import backends
from heightnet_tf.inference import predictor as predictors

SAVED_MODEL = 'SavedModel'

# Largest change of MAE, metres, by what is lost: nothing but rounding; half of
# the digits; all but eight bits.
LIMITS_M = {
  SAVED_MODEL: 0.001,
  litert.FLOAT32: 0.001,
  litert.FLOAT16: 0.01,
  litert.DYNAMIC: 0.1,
  litert.INT8: 0.1,
  litert.INT8_IO: 0.1,
}
# And where truth is at least 20 m: int8 loses tall things first.
TALL_LIMIT_M = 0.5


class Judge:
  """Compares files with one Keras model.

  Attributes:
    rows: what was said of each file that is kept, the model itself first.
  """

  def __init__(
    self,
    predictor: predictors.Predictor,
    path: str,
    tiles: real_tiles.Tiles,
    *,
    max_mae_change_m: float | None,
    max_tall_mae_change_m: float | None,
  ):
    """Runs the Keras model.

    Args:
      predictor: of the Keras model.
      path: the file it came from.
      tiles: to compare on, where others are not given.
      max_mae_change_m: limit for every file; None for LIMITS_M.
      max_tall_mae_change_m: the same from 20 m up; None for TALL_LIMIT_M.
    """
    self._predictor = predictor
    self._limits = max_mae_change_m, max_tall_mae_change_m
    self._references = []
    reference = self._reference(tiles)
    nothing = parity.Limits(mae_m=0.0, tall_mae_m=0.0)
    self.rows = [
      parity.compare(path, reference, reference, limits=nothing, note='')
    ]

  def row(
    self, variant: str, path, tiles: real_tiles.Tiles, *, label: str, note: str
  ) -> parity.Row:
    """Runs a file.

    Args:
      variant: a key of LIMITS_M.
      path: the file or folder.
      tiles: to compare on.
      label: what the row is to be called.
      note: what was given up for accuracy.

    Returns:
      Row, not yet among `rows`.
    """
    mae_m, tall_mae_m = self._limits
    limits = parity.Limits(
      mae_m=LIMITS_M[variant] if mae_m is None else mae_m,
      tall_mae_m=TALL_LIMIT_M if tall_mae_m is None else tall_mae_m,
    )
    measured = parity.measure(backends.open_predictor(path), tiles)
    row = parity.compare(
      path, measured, self._reference(tiles), limits=limits, note=note
    )
    return dataclasses.replace(row, file=label)

  def _reference(self, tiles):
    """What the Keras model gives on tiles; each set is run once."""
    for known, reference in self._references:
      if known is tiles:
        return reference
    self._references.append((tiles, parity.measure(self._predictor, tiles)))
    return self._references[-1][1]
