"""AdamW that passes over the weights once."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package='heightnet_tf')
class FusedAdamW(keras.optimizers.AdamW):
  """AdamW that updates a variable in one kernel, for one replica.

  The same variables and, but for rounding, the same numbers as Keras' own,
  which passes over every weight a dozen times.
  """

  def update_step(self, gradient, variable, learning_rate):
    """Updates a tf.Variable and its moments; called by Keras."""
    index = self._get_variable_index(variable)
    step = tf.cast(self.iterations + 1, tf.float32)
    tf.raw_ops.ResourceApplyAdam(
      var=variable.handle,
      m=self._momentums[index].value.handle,
      v=self._velocities[index].value.handle,
      beta1_power=self.beta_1**step,
      beta2_power=self.beta_2**step,
      lr=tf.cast(learning_rate, tf.float32),
      beta1=self.beta_1,
      beta2=self.beta_2,
      epsilon=self.epsilon,
      grad=tf.cast(gradient, tf.float32),
    )
