"""A model scored on a source of pairs, next to two trivial guesses."""

import dataclasses
import functools
import operator

import numpy as np
import tqdm

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.data import sources
from heightnet_tf.evaluation import joint
from heightnet_tf.evaluation import picks
from heightnet_tf.heights import error_sums
from heightnet_tf.heights import objects
from heightnet_tf.heights import plausibility
from heightnet_tf.heights import spread_sums
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import scenes

# Columns of every table: the model, and what it has to beat.
MODEL = 'model'
PREDICT_0 = 'predict_0'
TRAINING_MEDIAN = 'training_median'
COLUMNS = (MODEL, PREDICT_0, TRAINING_MEDIAN)
# Every so many-th row and column is enough to see wrong units.
_THIN = 16


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreOptions:
  """How a model is scored.

  Attributes:
    scene: how each image is predicted.
    edges_m: lower edges of the height bins, metres.
    gsd_m: ground size of a pixel where a pair does not tell, metres, or None.
  """

  scene: scenes.SceneOptions
  edges_m: tuple[float, ...]
  gsd_m: float | None


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PairScore:
  """How one pair did.

  Attributes:
    name: of the pair.
    group: scene that it is from.
    shape: height and width, pixels.
    gsd_m: ground size of a pixel, metres, or None.
    sums: column to error sums, all over the same pixels.
    objects: its objects, or None without a ground size.
    spread: how honest its spreads are, or None where the model gives none.
  """

  name: str
  group: str
  shape: tuple[int, int]
  gsd_m: float | None
  sums: dict[str, error_sums.ErrorSums]
  objects: objects.Objects | None
  spread: spread_sums.SpreadSums | None


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Result:
  """How a model did on a source.

  Attributes:
    card: of the model.
    pairs: one score per pair.
    sums: column to error sums pooled over all known pixels.
    objects: objects of all pairs with a ground size, or None.
    spread: how honest the spreads are, or None where the model gives none.
    joint: truth against prediction, counted.
    crops: (rank, Place, Crop) of the best, median and worst crops.
    warning: what looks wrong with the truth, or None.
  """

  card: model_card.ModelCard
  pairs: list[PairScore]
  sums: dict[str, error_sums.ErrorSums]
  objects: objects.Objects | None
  spread: spread_sums.SpreadSums | None
  joint: joint.Joint
  crops: list[tuple[str, picks.Place, picks.Crop]]
  warning: str | None


def score(
  predictor: predictors.Predictor,
  source: sources.Source,
  options: ScoreOptions,
) -> Result:
  """Predicts every pair whole and adds up the errors.

  Args:
    predictor: the model.
    source: pairs of images and heights, tiles or whole scenes.
    options: how to predict and to count.

  Returns:
    Result; figures are pooled over all pixels with a known truth.

  Raises:
    errors.HeightError: no pixel of the source has a known height.
    errors.ModelFileError: the model predicts nothing but NaN.
  """
  predict = _predictions(predictor, source, options)
  gallery, counts, pairs = picks.Gallery(), joint.Joint.zero(), []
  thinned_m = []
  progress = tqdm.trange(len(source), desc='score', unit='pair', disable=None)
  for index in progress:
    sample, maps = predict(index)
    predicted_m = maps[model_card.HEIGHT]
    pairs.append(_pair_score(sample, maps, predictor.card, options))
    counts += joint.Joint.of(predicted_m, sample.height_m)
    gallery.add(index, sample, predicted_m)
    thinned_m.append(sample.height_m[::_THIN, ::_THIN].ravel())
  sums = add_up(pairs)
  _require_truth(sums[MODEL], source)

  def heights(index):
    sample, maps = predict(index)
    return sample, maps[model_card.HEIGHT]

  return Result(
    card=predictor.card,
    pairs=pairs,
    sums=sums,
    objects=add_up_objects(pairs),
    spread=add_up_spreads(pairs),
    joint=counts,
    crops=[
      (rank, place, gallery.crop(place, heights))
      for rank, places in gallery.choose().items()
      for place in places
    ],
    warning=plausibility.warning_for(np.concatenate(thinned_m)),
  )


def add_up(pairs: list[PairScore]) -> dict[str, error_sums.ErrorSums]:
  """Pools the error sums of some pairs, column by column."""
  return {
    column: functools.reduce(
      operator.add, (pair.sums[column] for pair in pairs)
    )
    for column in COLUMNS
  }


def add_up_objects(pairs: list[PairScore]) -> objects.Objects | None:
  """Pools the objects of some pairs; None where no pair could look for any."""
  found = [pair.objects for pair in pairs if pair.objects is not None]
  return functools.reduce(operator.add, found) if found else None


def add_up_spreads(pairs: list[PairScore]) -> spread_sums.SpreadSums | None:
  """Pools the spreads of some pairs; None where the model gives none."""
  found = [pair.spread for pair in pairs if pair.spread is not None]
  return functools.reduce(operator.add, found) if found else None


def object_figures(result: Result) -> dict[str, dict] | None:
  """Summaries of the objects for each column; None without objects."""
  if result.objects is None:
    return None
  median_m = result.card.training_median_m
  return {
    MODEL: result.objects.summary(),
    PREDICT_0: result.objects.with_prediction(0).summary(),
    TRAINING_MEDIAN: result.objects.with_prediction(median_m).summary(),
  }


def _predictions(predictor, source, options):
  """A function of an index to the sample and its predicted maps by name."""

  def predict(index):
    sample = source.read(index)
    outputs = scenes.predict_image(
      predictor,
      sample.image,
      options.scene,
      gsd_m=sample.gsd_m or options.gsd_m,
      name=sample.name,
    )
    maps = np.moveaxis(outputs, -1, 0)
    return sample, dict(zip(predictor.card.outputs, maps, strict=True))

  return predict


def _require_truth(sums, source):
  if sums.unpredicted and not sums.count.sum():
    raise errors.ModelFileError(
      'The model predicts no finite height where the truth is known, in '
      f'any of {len(source)} pairs. Its training failed; train it again.'
    )
  if not sums.count.sum():
    raise errors.HeightError(
      f'Every height of {source.name} is unknown. Expected some known truth '
      'to score against; check --height_nodata.'
    )


def _pair_score(sample, maps, card, options):
  predicted_m, truth_m = maps[model_card.HEIGHT], sample.height_m
  spread_m = maps.get(model_card.SPREAD)
  gsd_m = sample.gsd_m or options.gsd_m
  usable = np.isfinite(predicted_m)

  def sums(guess_m):
    return error_sums.ErrorSums.of(guess_m, truth_m, edges_m=options.edges_m)

  def constant(height_m):
    # Judged on the pixels that the model is judged on.
    return np.where(usable, np.float32(height_m), np.float32(np.nan))

  return PairScore(
    name=sample.name,
    group=sample.group,
    shape=truth_m.shape,
    gsd_m=gsd_m,
    sums={
      MODEL: sums(predicted_m),
      PREDICT_0: sums(constant(0)),
      TRAINING_MEDIAN: sums(constant(card.training_median_m)),
    },
    objects=None
    if gsd_m is None
    else objects.measure(predicted_m, truth_m, gsd_m=gsd_m),
    spread=None
    if spread_m is None
    else spread_sums.SpreadSums.of(predicted_m, spread_m, truth_m),
  )
