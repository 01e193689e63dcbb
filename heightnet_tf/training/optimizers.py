"""AdamW that passes over the weights once."""

import keras
import tensorflow as tf


class FusedAdamW(keras.optimizers.AdamW):
  """AdamW that updates all variables in one kernel, for one replica.

  But for rounding the same numbers as Keras' own, which passes over every
  weight a dozen times, and whose thousands of operations take seconds to
  compile. The moments of all variables lie in one vector each.
  """

  def __init__(self, learning_rate, *, weight_decay, global_clipnorm):
    """Prepares the optimizer.

    Args:
      learning_rate: to start with.
      weight_decay: share of a weight, times the rate, that a step takes off.
      global_clipnorm: largest norm of the whole gradient.
    """
    super().__init__(
      learning_rate, weight_decay=weight_decay, global_clipnorm=global_clipnorm
    )

  def build(self, variables):
    """Makes the moments; see keras.optimizers.Optimizer."""
    if self.built:
      return
    keras.optimizers.Optimizer.build(self, variables)
    size = sum(variable.shape.num_elements() for variable in variables)
    self._momentum = self.add_variable((size,), name='momentum')
    self._velocity = self.add_variable((size,), name='velocity')
    # Between two steps the weights lie in the model's own variables.
    self._weights = tf.Variable(tf.zeros(size), trainable=False)

  def _backend_apply_gradients(self, grads, trainable_variables):
    """Takes a step; called by Keras."""
    rate = tf.cast(self._get_current_learning_rate(), tf.float32)
    step = tf.cast(self.iterations + 1, tf.float32)
    gradient = joined(grads)
    # In one pass: `tf.norm` writes the squares down first.
    norm = tf.sqrt(2.0 * tf.nn.l2_loss(gradient))
    clipped = self.global_clipnorm / tf.maximum(norm, self.global_clipnorm)
    weights = joined(variable.value for variable in trainable_variables)
    self._weights.assign(weights * (1.0 - rate * self.weight_decay))
    tf.raw_ops.ResourceApplyAdam(
      var=self._weights.handle,
      m=self._momentum.value.handle,
      v=self._velocity.value.handle,
      beta1_power=self.beta_1**step,
      beta2_power=self.beta_2**step,
      lr=rate,
      beta1=self.beta_1,
      beta2=self.beta_2,
      epsilon=self.epsilon,
      grad=gradient * clipped,
    )
    shapes = [variable.shape for variable in trainable_variables]
    parts = split(self._weights, shapes)
    for variable, part in zip(trainable_variables, parts, strict=True):
      variable.assign(part)


def joined(tensors) -> tf.Tensor:
  """Puts tensors into one vector, float32."""
  return tf.concat([tf.reshape(one, [-1]) for one in tensors], 0)


def split(vector, shapes) -> list[tf.Tensor]:
  """Takes a vector of `joined` apart.

  Args:
    vector: float32.
    shapes: of the tensors, all known.

  Returns:
    The tensors.
  """
  sizes = [tf.TensorShape(shape).num_elements() for shape in shapes]
  return [
    tf.reshape(part, shape)
    for part, shape in zip(tf.split(vector, sizes), shapes, strict=True)
  ]
