"""What a run learns from: its pairs, split, counted and weighted."""

import dataclasses

from absl import logging
import numpy as np
import tqdm

from heightnet_tf import errors
from heightnet_tf.data import samples
from heightnet_tf.data import splits
from heightnet_tf.data import wrapped
from heightnet_tf.heights import plausibility
from heightnet_tf.heights import weights

# What `tall_share` is about: higher than houses.
_TALL_M = 10.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Weighting:
  """How the histogram becomes weights; see weights.weigh."""

  power: float
  smoothing_bins: float
  clip: tuple[float, float]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Material:
  """Pairs to train and to validate on, and how common their heights are.

  Attributes:
    source: all pairs.
    sources: the sources of those pairs.
    train: int [N], indices of the pairs to train on; a pair that is to be
      seen more often than others stands there more often.
    validation: int [M], indices of the pairs to validate on.
    weighting: how the heights are weighted.
    table: weights.WeightTable of the training pairs.
    median_m: median of the known training heights, metres.
    gsd_m: median ground size of a pixel, metres; None if no pair knows its own.
    bands: number of bands of an image.
  """

  source: samples.Source
  sources: tuple[samples.Source, ...]
  train: np.ndarray
  validation: np.ndarray
  weighting: Weighting
  table: weights.WeightTable
  median_m: float
  gsd_m: float | None
  bands: int


def gather(
  source, extra, *, extra_share, tall_share, validation_percent, weighting, seed
) -> Material:
  """Splits a source and takes one pass over its training heights.

  Args:
    source: samples.Source; cached, so that the pass is not in vain.
    extra: a samples.Source of pairs to train on only; None for none.
    extra_share: share of the training crops that come from `extra`.
    tall_share: share of the other ones that come from the quarter of the pairs
      with most that is tall; 0 for every pair alike.
    validation_percent: share of the pairs to validate on.
    weighting: Weighting.
    seed: decides the split.

  Returns:
    Material.

  Raises:
    errors.HeightError: every training height is unknown.
    errors.FlagError: no pair would be left to train or to validate on.
    errors.InputError: the extra images have another number of bands.
  """
  train, validation = splits.split(
    source, percent=validation_percent, seed=seed
  )
  for name, indices in (('training', train), ('validation', validation)):
    if len(indices) == 0:
      raise errors.FlagError(
        f'--validation={validation_percent:g} leaves no pair for {name} of '
        f'the {len(source)} in {source.name}. Choose another percentage or '
        'add pairs.'
      )
  if tall_share and len(train) > 1:
    train = _mixed(*_by_tallness(source, train), tall_share)
  sources = (source, extra) if extra else (source,)
  if extra:
    _check_bands(source, extra)
    train = _mixed(train, len(source) + np.arange(len(extra)), extra_share)
    source = wrapped.JoinedSource(sources)
  counts, sizes_m, warning, bands = 0, [], None, None
  for index, often in tqdm.tqdm(
    list(zip(*np.unique(train, return_counts=True), strict=True)),
    desc='heights',
    unit='pair',
    leave=False,
    disable=None,
  ):
    sample = source.read(int(index))
    counts = counts + often * weights.count_fine(sample.height_m)
    warning = warning or plausibility.warning_for(sample.height_m)
    bands = sample.image.shape[-1]
    if sample.gsd_m:
      sizes_m.append(sample.gsd_m)
  if warning:
    logging.warning('%s: %s', source.name, warning)
  return Material(
    source=source,
    sources=sources,
    train=train,
    validation=validation,
    weighting=weighting,
    table=weights.weigh(
      weights.coarse(counts), **dataclasses.asdict(weighting)
    ),
    median_m=weights.median_m(counts),
    gsd_m=float(np.median(sizes_m)) if sizes_m else None,
    bands=bands,
  )


def reweighted(material: Material, weighting: Weighting) -> Material:
  """The same pairs under other weights."""
  counts = material.table.counts
  table = weights.weigh(counts, **dataclasses.asdict(weighting))
  return dataclasses.replace(material, weighting=weighting, table=table)


def _by_tallness(source, indices):
  """Parts indices: the quarter with most that is tall comes second."""
  shares = [
    np.mean(source.read(int(index)).height_m >= _TALL_M) for index in indices
  ]
  ordered = np.asarray(indices)[np.argsort(shares, kind='stable')]
  rest = len(ordered) - max(1, len(ordered) // 4)
  return ordered[:rest], ordered[rest:]


def _mixed(first, second, share):
  """Joins indices so that `share` are of `second`; none is left out."""
  total = max(len(first) / (1 - share), len(second) / share)
  return np.concatenate(
    [
      np.resize(first, round(total * (1 - share))),
      np.resize(second, round(total * share)),
    ]
  )


def _check_bands(source, extra):
  bands, extra_bands = (one.read(0).image.shape[-1] for one in (source, extra))
  if bands != extra_bands:
    raise errors.InputError(
      f'The images of {extra.name} have {extra_bands} bands, those of '
      f'{source.name} {bands}. Expected the same bands in --extra_data.'
    )
