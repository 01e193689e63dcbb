"""One optimizer step, on one device or on many."""

import keras
import numpy as np
import tensorflow as tf

from heightnet_tf.heights import bins
from heightnet_tf.nets import heads
from heightnet_tf.nets import metrics
from heightnet_tf.training import optimizers
from heightnet_tf.training import precision


class Stepper:
  """The variables of a run and the compiled step that changes them.

  Attributes:
    model: the network that is trained.
    optimizer: its Keras optimizer.
    average: float32 variable, the moving average of the trainable weights
      (Polyak and Juditsky 1992), as `optimizers.joined` puts them together.
  """

  def __init__(
    self, model, optimizer, loss, *, strategy, average_decay, rate_factor
  ):
    """Prepares a run; to be called inside `strategy.scope()`.

    Args:
      model: keras.Model.
      optimizer: keras.optimizers.Optimizer, its gradient clipping set.
      loss: one of nets.losses.
      strategy: tf.distribute.Strategy.
      average_decay: share of the average that a step keeps, 0 for no average.
      rate_factor: layer name -> factor on the learning rate; 0 freezes the
        layer, statistics of normalisation included.
    """
    for layer in model.layers:
      layer.trainable = rate_factor(layer.name) > 0
    self._slowed = [
      (variable, rate_factor(layer.name))
      for layer in model.layers
      for variable in layer.trainable_variables
      if rate_factor(layer.name) != 1
    ]
    self.model = model
    self.optimizer = optimizer
    self.average = tf.Variable(self._weights(), trainable=False)
    self._loss = loss
    self._strategy = strategy
    self._average_decay = average_decay
    self._replicas = strategy.num_replicas_in_sync
    optimizer.build(model.trainable_variables)
    # Nothing in it is for AutoGraph, which would take seconds to find that out.
    self._compiled = tf.function(
      self._train, reduce_retracing=True, autograph=False
    )

  def train(self, batch, step):
    """Takes a step.

    Args:
      batch: image, height_m and weight, as `data.pipeline` gives them, or of
        each replica.
      step: float32, how many were taken before.

    Returns:
      float32 sums for `figures`.
    """
    with precision.unrewritten():
      return self._compiled(batch, step)

  def variables(self):
    """All variables of a run in a fixed order, for checkpoints."""
    return [*self.model.variables, *self.optimizer.variables, self.average]

  def average_into(self, twin):
    """Gives a model of the same network the averaged weights.

    Statistics of normalisation layers are copied as they are.

    Args:
      twin: keras.Model of the same network, in any precision.
    """
    trained = self.model.trainable_variables
    parts = optimizers.split(self.average, [one.shape for one in trained])
    average_of = {
      variable.path: part for variable, part in zip(trained, parts, strict=True)
    }
    for variable, own in zip(twin.weights, self.model.weights, strict=True):
      variable.assign(average_of.get(own.path, own.value))

  def _train(self, batch, step):
    """Takes one step; returns float32 sums for `figures`."""

    def on_replica(image, height_m, weight):
      total_weight = self._all_sum(tf.reduce_sum(weight))
      with tf.GradientTape() as tape:
        predicted_m = heads.as_channels(self.model(image, training=True))
        pixel_loss = self._loss.call(height_m, predicted_m)
        loss_sum = tf.reduce_sum(pixel_loss * weight[..., 0])
        loss = tf.math.divide_no_nan(loss_sum, total_weight)
        scaled = self.optimizer.scale_loss(loss)
      variables = self.model.trainable_variables
      gradients = tape.gradient(scaled, variables)
      if self._replicas > 1:
        gradients = self._shared(gradients)
      self.optimizer.apply(gradients, variables)
      return self._sums(predicted_m[..., :1], height_m, weight, loss_sum)

    before = [tf.identity(variable.value) for variable, _ in self._slowed]
    sums = self._strategy.reduce(
      tf.distribute.ReduceOp.SUM,
      self._strategy.run(on_replica, args=tuple(batch)),
      axis=None,
    )
    # A factor on the gradient would do nothing: Adam divides by its size.
    for (variable, factor), start in zip(self._slowed, before, strict=True):
      variable.assign(start + factor * (variable.value - start))
    self._update_average(step)
    return sums

  def _all_sum(self, value):
    if self._replicas == 1:
      return value
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, value)

  def _shared(self, gradients):
    """Averages the gradients and what normalisation layers saw.

    Keras clips before it adds up the replicas: with its share of the whole
    gradient for each of them, the sum is clipped as one. Statistics of their
    own would let workers validate, and stop by, different models.
    """
    statistics = self.model.non_trainable_variables
    # Read alone, a variable has no device and cannot be reduced.
    values = [
      tf.identity(keras.ops.convert_to_tensor(variable))
      for variable in statistics
    ]
    means = [
      total / self._replicas for total in self._all_sum([*gradients, *values])
    ]
    for variable, mean in zip(statistics, means[len(gradients) :], strict=True):
      variable.assign(mean)
    return means[: len(gradients)]

  def _sums(self, predicted_m, height_m, weight, loss_sum):
    errors = metrics.bin_sums(
      height_m, predicted_m, edges_m=bins.REPORT_EDGES_M
    )
    total = tf.stack([loss_sum, tf.reduce_sum(weight)])
    return tf.concat([total, tf.reshape(errors, [-1])], 0)

  def _update_average(self, step):
    # Early weights are far off: the average starts short and grows.
    decay = tf.minimum(self._average_decay, (1.0 + step) / (10.0 + step))
    self.average.assign(decay * self.average + (1.0 - decay) * self._weights())

  def _weights(self):
    return optimizers.joined(
      tf.cast(keras.ops.convert_to_tensor(variable), tf.float32)
      for variable in self.model.trainable_variables
    )


def adamw(
  *, learning_rate: float, weight_decay: float, clip_norm: float, replicas: int
) -> keras.optimizers.Optimizer:
  """Makes the optimizer of a run for the current mixed-precision policy.

  Args:
    learning_rate: to start with.
    weight_decay: of AdamW.
    clip_norm: largest norm of the gradient of all replicas together.
    replicas: how many there are; each clips its share of the gradient.

  Returns:
    The optimizer.
  """
  fused = replicas == 1
  kind = optimizers.FusedAdamW if fused else keras.optimizers.AdamW
  return precision.for_policy(
    kind(
      learning_rate,
      weight_decay=weight_decay,
      global_clipnorm=clip_norm / replicas,
    )
  )


def figures(sums) -> dict:
  """Divides the sums of some steps: what a run shows of its training.

  Args:
    sums: of `Stepper.train`, added up.

  Returns:
    dict of `loss`, weighted, and of `mae_m` and `rmse_m` over all known pixels
    alike; 0 where no pixel was known.
  """
  loss, weight, *errors = np.asarray(sums, np.float64)
  edges_m = bins.REPORT_EDGES_M
  summary = metrics.as_error_sums(
    np.reshape(errors, (-1, len(edges_m))), edges_m
  ).summary()
  return {
    'loss': loss / weight if weight else 0.0,
    'mae_m': summary['mae_m'] or 0.0,
    'rmse_m': summary['rmse_m'] or 0.0,
  }
