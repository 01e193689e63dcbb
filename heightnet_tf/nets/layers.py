"""Layers that Keras does not have, or not fast enough."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package='heightnet_tf')
class FusedBatchNormalization(keras.layers.BatchNormalization):
  """Batch normalisation over the last axis in one fused kernel.

  The same arguments, variables and numbers as Keras' own layer, which on
  TensorFlow runs moments and scaling as separate float32 passes. Scale, offset
  and statistics are float32, activations are whatever the policy says. On
  other Keras backends it is Keras' own layer.

  Source: Ioffe and Szegedy 2015, Batch Normalization.
  """

  def call(self, inputs, training=None, mask=None):
    """Normalises float [B, H, W, C]; batch statistics when training."""
    if keras.backend.backend() != 'tensorflow' or len(inputs.shape) != 4:
      return super().call(inputs, training=training, mask=mask)
    import tensorflow as tf

    fused = tf.compat.v1.nn.fused_batch_norm
    gamma = ops.convert_to_tensor(self.gamma)
    beta = ops.convert_to_tensor(self.beta)
    if not (training and self.trainable):
      return fused(
        inputs,
        gamma,
        beta,
        mean=ops.convert_to_tensor(self.moving_mean),
        variance=ops.convert_to_tensor(self.moving_variance),
        epsilon=self.epsilon,
        is_training=False,
      )[0]
    outputs, mean, variance = fused(
      inputs, gamma, beta, epsilon=self.epsilon, is_training=True
    )
    # The kernel returns the unbiased variance, Keras keeps the biased one.
    count = inputs.shape[:3].num_elements()
    if count is None:
      count = tf.cast(tf.reduce_prod(tf.shape(inputs)[:3]), tf.float32)
    self._track(self.moving_mean, mean)
    self._track(self.moving_variance, variance * ((count - 1.0) / count))
    return outputs

  def _track(self, moving, value):
    moving.assign(moving * self.momentum + value * (1.0 - self.momentum))


def group_normalization(filters, name):
  """Group normalisation with 16 channels to a group, or one group for fewer.

  Args:
    filters: number of channels it will see.
    name: layer name.

  Returns:
    keras.layers.GroupNormalization. Source: Wu and He 2018, Group
    Normalization (16 channels to a group is their best fixed group size).
  """
  groups = filters // 16 if filters % 16 == 0 else 1
  return keras.layers.GroupNormalization(groups, epsilon=1e-5, name=name)


def batch_normalization(filters, name):
  """Fused batch normalisation; `filters` is there to be called alike."""
  del filters
  return FusedBatchNormalization(momentum=0.95, epsilon=1e-3, name=name)


def convolve(inputs, filters, name, *, normalisation):
  """Convolves 3 x 3, normalises and rectifies.

  Args:
    inputs: Keras tensor [B, H, W, C].
    filters: number of channels to come to.
    name: what the names of the three layers begin with.
    normalisation: a key of NORMALISATIONS.

  Returns:
    Keras tensor [B, H, W, filters].
  """
  features = keras.layers.Conv2D(
    filters,
    3,
    padding='same',
    use_bias=False,
    kernel_initializer='he_normal',
    name=f'{name}_conv',
  )(inputs)
  features = NORMALISATIONS[normalisation](filters, f'{name}_norm')(features)
  return keras.layers.ReLU(name=f'{name}_relu')(features)


NORMALISATIONS = {
  'batch': batch_normalization,
  'group': group_normalization,
}
