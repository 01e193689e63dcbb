"""How honest predicted spreads are, as sums that add up.

A spread is the scale b of a Laplace distribution around the predicted height.
Under it the error e stays within b * -log(1 - p) with probability p: that is
the central interval of level p. Calibrated spreads are those whose intervals
hold what they promise, over all pixels together.
"""

import dataclasses

import numpy as np

# Levels at which promise and truth are compared.
LEVELS = tuple(round(0.05 * k, 2) for k in range(1, 20))
# Levels that a temperature is fitted to. On bare ground a model is often right
# to the centimetre, so that low levels always hold too much: fitted to those as
# well, spreads shrink until high levels hold far too little.
_FITTED = tuple(level for level in LEVELS if level >= 0.5)
# Levels that people ask for, percent.
SHOWN = (50, 80, 95)
# Lower edges of the bins of predicted spread, metres.
SPREAD_EDGES_M = (0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
_TEMPERATURES = np.geomspace(0.02, 50.0, 1601)
_CHUNK = 1 << 20


def _reach(level):
  """How many spreads the interval of a level reaches to either side."""
  return -np.log1p(-np.asarray(level, np.float64))


# Each level's reach is an edge, so that its coverage is counted exactly; the
# others serve the search for a temperature.
_EDGES = np.unique(
  np.concatenate([np.geomspace(1e-4, 1e4, 513), _reach(LEVELS)])
)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class SpreadSums:
  """Sums over pixels whose truth, height and spread are all known.

  Attributes:
    ratio_count: int64 [R], pixels by |e| / b, between edges of this module.
    ratio: float64 [], sum of |e| / b.
    logarithm: float64 [], sum of log(2 b).
    count: int64 [B], pixels by predicted spread, SPREAD_EDGES_M.
    spread: float64 [B], sum of b.
    absolute: float64 [B], sum of |e|.
  """

  ratio_count: np.ndarray
  ratio: np.ndarray
  logarithm: np.ndarray
  count: np.ndarray
  spread: np.ndarray
  absolute: np.ndarray

  @classmethod
  def zero(cls) -> 'SpreadSums':
    """The sums over no pixels."""
    return _chunk_sums(np.zeros(0), np.zeros(0))

  @classmethod
  def of(cls, predicted_m, spread_m, truth_m) -> 'SpreadSums':
    """The sums over one prediction.

    Args:
      predicted_m: any shape, metres.
      spread_m: same shape, metres, above 0.
      truth_m: same shape, metres; NaN where unknown.

    Returns:
      SpreadSums over all pixels where the three are finite.
    """
    total = cls.zero()
    flat = [np.reshape(part, -1) for part in (predicted_m, spread_m, truth_m)]
    for start in range(0, flat[0].size, _CHUNK):
      predicted, spread, truth = (
        part[start : start + _CHUNK].astype(np.float64) for part in flat
      )
      error = np.abs(predicted - truth)
      usable = np.isfinite(error) & np.isfinite(spread) & (spread > 0)
      total += _chunk_sums(error[usable], spread[usable])
    return total

  def __add__(self, other: 'SpreadSums') -> 'SpreadSums':
    return SpreadSums(
      **{
        field.name: getattr(self, field.name) + getattr(other, field.name)
        for field in dataclasses.fields(self)
      }
    )

  def coverage(self, levels=LEVELS, temperature=1.0) -> np.ndarray:
    """Share of pixels whose error stays within the interval of each level.

    Args:
      levels: probabilities.
      temperature: factor on every spread; counted at 1, else interpolated.

    Returns:
      float64, one share for each level.
    """
    below = np.cumsum(self.ratio_count)[:-1]
    reach = np.multiply.outer(temperature, _reach(levels))
    found = np.interp(np.log(reach), np.log(_EDGES), below)
    return found / max(self.count.sum(), 1)

  def temperature(self) -> float:
    """The factor on every spread with which intervals hold what they promise.

    The least mean gap between promise and truth at levels from 50 to 95 %,
    by a search over factors from 1/50 to 50. The mean of |e| / b, where the
    likelihood is largest (the temperature of Guo et al. 2017), hangs on the
    few pixels that are wrong by many spreads; intervals do not.

    Returns:
      The factor; 1 over no pixels.
    """
    if not self.count.sum():
      return 1.0
    gaps = np.abs(self.coverage(_FITTED, _TEMPERATURES) - _FITTED)
    return float(_TEMPERATURES[np.argmin(gaps.mean(axis=1))])

  def figures(self, temperature=1.0) -> dict:
    """Divides the sums.

    - `nll` mean of |e| / b + log(2 b), the likelihood that training minimises.
    - `ece` expected calibration error: mean over LEVELS of the gap between the
      share of errors within the interval of a level and the level. Source:
      Kuleshov et al. 2018 (Accurate Uncertainties for Deep Learning Using
      Calibrated Regression), their squared gap taken as it is, as in the mean
      absolute calibration error of Chung et al. 2021 (Uncertainty Toolbox).
    - `coverage_50`, `_80`, `_95` share of errors within those intervals.

    Args:
      temperature: factor on every spread.

    Returns:
      dict of numbers, None over no pixels.
    """
    pixels = int(self.count.sum())
    names = ['nll', 'ece', *(f'coverage_{percent}' for percent in SHOWN)]
    if not pixels:
      return dict.fromkeys(names)
    nll = (self.ratio / temperature + self.logarithm) / pixels
    gaps = np.abs(self.coverage(LEVELS, temperature) - LEVELS)
    shown = self.coverage([percent / 100 for percent in SHOWN], temperature)
    values = [nll + np.log(temperature), gaps.mean(), *shown]
    return {
      name: float(value) for name, value in zip(names, values, strict=True)
    }

  def summary(self) -> dict:
    """All figures of the report.

    Returns:
      dict: `figures`, `pixels`, the mean spread and the mean |e| that it is to
      be compared with (they are equal for a Laplace distribution), the factor
      that would calibrate, `levels` with the observed share of each, and
      `bins` of predicted spread, also with both means (the reliability of Levi
      et al. 2019, with Laplace's b for the standard deviation).
    """
    pixels = self.count.sum()
    return {
      'pixels': int(pixels),
      **self.figures(),
      'spread_m': _ratio(self.spread.sum(), pixels),
      'mae_m': _ratio(self.absolute.sum(), pixels),
      'temperature': self.temperature(),
      'levels': [
        {'level': level, 'observed': float(share) if pixels else None}
        for level, share in zip(LEVELS, self.coverage(), strict=True)
      ],
      'bins': [
        {
          'low_m': low_m,
          'high_m': high_m,
          'pixels': int(self.count[k]),
          'spread_m': _ratio(self.spread[k], self.count[k]),
          'mae_m': _ratio(self.absolute[k], self.count[k]),
        }
        for k, (low_m, high_m) in enumerate(
          zip(SPREAD_EDGES_M, (*SPREAD_EDGES_M[1:], None), strict=True)
        )
      ],
    }


def _ratio(part, whole):
  return float(part / whole) if whole else None


def _chunk_sums(error, spread) -> SpreadSums:
  """Sums over absolute errors and spreads, float64 [N], metres."""
  ratio = error / spread
  place = np.searchsorted(SPREAD_EDGES_M, spread, side='right') - 1
  bins = len(SPREAD_EDGES_M)
  return SpreadSums(
    # An error as large as the interval is within it: the left side.
    ratio_count=np.bincount(
      np.searchsorted(_EDGES, ratio, side='left'), minlength=len(_EDGES) + 1
    ),
    ratio=ratio.sum(),
    logarithm=np.log(2 * spread).sum(),
    count=np.bincount(place, minlength=bins),
    spread=np.bincount(place, spread, minlength=bins),
    absolute=np.bincount(place, error, minlength=bins),
  )
