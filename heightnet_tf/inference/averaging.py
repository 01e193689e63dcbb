"""Better answers for more time: several predictions, averaged."""

from collections.abc import Sequence
import dataclasses

import numpy as np

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.inference import backends
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import turning


class AveragedPredictor:
  """Averages predictors: heights by their mean, spreads as a mixture.

  With the eight turns of one model this is test-time augmentation, as in
  Krizhevsky et al. 2012: worth it for a model trained with them. With several
  models it is an ensemble.

  Attributes:
    card: of the first predictor, with the outputs of the average.
    fixed_px: of the predictors.
  """

  def __init__(self, members, *, disagreement: bool):
    """Takes the predictors.

    Args:
      members: predictor.Predictor, at least one; they see the same windows.
      disagreement: whether the standard deviation of the heights becomes the
        last output.
    """
    first = members[0]
    self.fixed_px = first.fixed_px
    self._members = members
    self._spread = all(
      model_card.SPREAD in member.card.outputs for member in members
    )
    self._disagreement = disagreement
    outputs = [model_card.HEIGHT]
    outputs += [model_card.SPREAD] * self._spread
    outputs += [model_card.DISAGREEMENT] * disagreement
    self.card = dataclasses.replace(first.card, outputs=tuple(outputs))

  def __call__(self, image):
    """Predicts as predictor.Predictor does, once with each member."""
    # Doubles: a variance is a small difference of large sums.
    sums = np.zeros((3, *image.shape[:3]), np.float64)
    for member in self._members:
      outputs = member(image).astype(np.float64)
      height_m = outputs[..., 0]
      sums[:2] += height_m, height_m**2
      if self._spread:
        spread = member.card.outputs.index(model_card.SPREAD)
        sums[2] += 2 * outputs[..., spread] ** 2
    mean, square, own_variance = sums / len(self._members)
    variance = np.maximum(square - mean**2, 0)
    averaged = [mean]
    if self._spread:
      # Of a mixture of Laplace distributions, each of variance 2 b^2.
      averaged.append(np.sqrt((own_variance + variance) / 2))
    if self._disagreement:
      averaged.append(np.sqrt(variance))
    return np.stack(averaged, axis=-1).astype(np.float32)


def open_averaged(
  paths: Sequence[str], *, tta: bool, disagreement: bool
) -> predictors.Predictor:
  """Opens models and averages them; see `averaged`.

  Args:
    paths: of models, as `backends.open_predictor` takes them.
    tta: whether each also sees every image turned and flipped.
    disagreement: whether to add how far the predictions lie apart.

  Returns:
    The predictor.

  Raises:
    errors.HeightnetError: a model cannot be opened, or they do not fit.
  """
  models = [backends.open_predictor(path) for path in paths]
  return averaged(models, tta=tta, disagreement=disagreement)


def averaged(
  models: list[predictors.Predictor], *, tta: bool, disagreement: bool
) -> predictors.Predictor:
  """Makes one predictor of one or several.

  Args:
    models: at least one.
    tta: whether each also sees every image turned and flipped.
    disagreement: whether to add how far the predictions lie apart.

  Returns:
    A predictor; the model itself where there is nothing to average.

  Raises:
    errors.FlagError: a single prediction cannot disagree.
    errors.ModelFileError: the models do not see images alike.
  """
  for other in models[1:]:
    _check_alike(models[0], other)
  if tta:
    models = [turned for model in models for turned in turning.all_turns(model)]
  if len(models) > 1:
    return AveragedPredictor(models, disagreement=disagreement)
  if disagreement:
    raise errors.FlagError(
      '--disagreement is that of several predictions. Give --tta, or --model '
      'more than once.'
    )
  return models[0]


def _check_alike(model, other):
  for what in ('bands', 'gsd_m', 'scale', 'stride_px'):
    ours, theirs = getattr(model.card, what), getattr(other.card, what)
    if ours != theirs:
      raise errors.ModelFileError(
        f'Models that are averaged must agree in {what}. Received {ours} and '
        f'{theirs}; predict with each alone instead.'
      )
  if model.fixed_px != other.fixed_px:
    raise errors.ModelFileError(
      'Models that are averaged must take images of one size. Received sides '
      f'of {model.fixed_px} and {other.fixed_px} pixels.'
    )
