"""Losses over heights in metres; unknown pixels are worth nothing.

All of them reduce to sum(weight * loss) / sum(weight), as in Lang et al. 2023,
so that a loss is in metres whatever the weights' scale.
"""

import keras
from keras import ops

from heightnet_tf import errors

_STEPS_PX = (1, 2, 4, 8)


class _HeightLoss(keras.losses.Loss):
  """A loss of the error in metres, zero with zero gradient where unknown.

  Args:
    gradient_weight: how much the multi-scale gradient term counts; 0 for none.
    name: name of the loss.
  """

  def __init__(self, *, gradient_weight=0.0, name=None):
    super().__init__(name=name, reduction='mean_with_sample_weight')
    self.gradient_weight = gradient_weight

  def call(self, y_true, y_pred):
    """Loss of each pixel.

    Args:
      y_true: [B, H, W, 1], metres, NaN where unknown.
      y_pred: [B, H, W, K], metres: heights, then, where K is 2, spreads.

    Returns:
      float32 [B, H, W].
    """
    # Losses stay float32: half precision cannot hold a sum over pixels.
    y_pred = ops.cast(y_pred, 'float32')
    height_m, spread_m = y_pred[..., :1], y_pred[..., 1:]
    known = ops.isfinite(y_true)
    # Replaced before arithmetic: NaN times 0 is NaN, in gradients too.
    error_m = height_m - ops.where(known, ops.cast(y_true, 'float32'), height_m)
    loss = self.of_error(error_m, spread_m, known)
    if self.gradient_weight:
      loss += self.gradient_weight * multi_scale_gradient(error_m, known)
    return ops.squeeze(loss, -1)

  def of_error(self, error_m, spread_m, known):
    """Loss of the error; 0 where unknown.

    Args:
      error_m: float32 [B, H, W, 1], 0 where unknown.
      spread_m: float32 [B, H, W, 0 or 1].
      known: bool [B, H, W, 1].

    Returns:
      float32 [B, H, W, 1].
    """
    raise NotImplementedError

  def get_config(self):
    return {'gradient_weight': self.gradient_weight, 'name': self.name}


@keras.saving.register_keras_serializable(package='heightnet_tf')
class L1(_HeightLoss):
  """Absolute error, metres."""

  def of_error(self, error_m, spread_m, known):
    return ops.abs(error_m)


@keras.saving.register_keras_serializable(package='heightnet_tf')
class Huber(_HeightLoss):
  """Squared error up to 10 m, absolute error beyond, equal to L1 far out.

  Ten metres is what won the second place of the Overhead Geopose challenge.
  Source: Huber 1964, scaled by 1 / delta so that it stays in metres.
  """

  def of_error(self, error_m, spread_m, known):
    size = ops.abs(error_m)
    inner = ops.minimum(size, 10.0)
    return inner * (size - 0.5 * inner) / 10.0


@keras.saving.register_keras_serializable(package='heightnet_tf')
class Laplace(_HeightLoss):
  """Negative log-likelihood of a Laplace distribution: |e| / b + log(2 b).

  Source: Kendall and Gal 2017. Where the spread b is large, the height learns
  little. Seitzer et al. 2022 (On the Pitfalls of Heteroscedastic Uncertainty
  Estimation) multiply each pixel's loss by its spread to a power, without its
  gradient: at power 1 the height learns as from L1.

  Args:
    gradient_weight: how much the multi-scale gradient term counts; 0 for none.
    beta: that power; 0 is the likelihood itself.
    name: name of the loss.
  """

  def __init__(self, *, gradient_weight=0.0, beta=0.0, name=None):
    super().__init__(gradient_weight=gradient_weight, name=name)
    self.beta = beta

  def of_error(self, error_m, spread_m, known):
    # At a spread of 0.5 m the loss of no error is 0.
    spread_m = ops.where(known, spread_m, 0.5)
    loss = ops.abs(error_m) / spread_m + ops.log(2.0 * spread_m)
    if self.beta:
      loss *= ops.power(ops.stop_gradient(spread_m), self.beta)
    return loss

  def get_config(self):
    return super().get_config() | {'beta': self.beta}


def multi_scale_gradient(error_m, known):
  """How much the error changes from a pixel to its neighbours, metres.

  Differences over 1, 2, 4 and 8 pixels to the right and downwards, averaged.
  Source: the gradient matching term of Li and Snavely 2018 (MegaDepth), taken
  in place instead of on a pyramid.

  Args:
    error_m: float32 [B, H, W, 1], 0 where unknown.
    known: bool [B, H, W, 1].

  Returns:
    float32 [B, H, W, 1]; 0 where either pixel of a pair is unknown or outside.
  """
  total = ops.zeros_like(error_m)
  mask = ops.cast(known, 'float32')
  for axis in (1, 2):
    for step in _STEPS_PX:
      total += _difference(error_m, mask, axis, step)
  return total / (2 * len(_STEPS_PX))


def _difference(error_m, mask, axis, step):
  """Change to the pixel `step` further on, 0 where that is outside."""
  pad, ahead = [[0, 0]] * 4, [slice(None)] * 4
  pad[axis], ahead[axis] = [0, step], slice(step, None)
  later_m, later_mask = (
    ops.pad(values, pad)[tuple(ahead)] for values in (error_m, mask)
  )
  return ops.abs(later_m - error_m) * later_mask * mask


def choose(
  name: str, *, uncertainty: bool, gradient_weight: float, beta: float
) -> keras.losses.Loss:
  """Makes the loss of a run.

  Args:
    name: a key of LOSSES.
    uncertainty: whether the network also predicts a spread.
    gradient_weight: share of the multi-scale gradient term.
    beta: with `uncertainty`, as in `Laplace`.

  Returns:
    The loss.

  Raises:
    errors.FlagError: another loss than L1 with `uncertainty`.
  """
  if not uncertainty:
    return LOSSES[name](gradient_weight=gradient_weight)
  if name != 'l1':
    raise errors.FlagError(
      f'--loss={name} does not go with --uncertainty, which is trained '
      'with the likelihood that belongs to L1. Choose one of the two.'
    )
  return Laplace(gradient_weight=gradient_weight, beta=beta)


LOSSES = {'huber': Huber, 'l1': L1}
