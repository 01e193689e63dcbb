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


@keras.saving.register_keras_serializable(package='heightnet_tf')
class DoublingConvolution(keras.layers.Conv2DTranspose):
  """A transposed 2 x 2 convolution with stride 2, quicker to train.

  The same arguments, variables and, but for rounding, numbers as Keras' own
  layer. TensorFlow's kernel for its gradient by the kernel takes a CPU twice
  as long as the two products of matrices that it comes to.
  """

  def call(self, inputs, training=None):
    """Takes float [B, H, W, C] to [B, 2 H, 2 W, filters]."""
    fit = self.kernel_size == self.strides == (2, 2)
    if not (fit and training and keras.backend.backend() == 'tensorflow'):
      return super().call(inputs)
    return _completed(self, _double(inputs, self.kernel))


def _completed(layer, outputs):
  """What a layer of Keras does to the outputs of its kernel."""
  if layer.use_bias:
    outputs = ops.add(outputs, layer.bias)
  return outputs if layer.activation is None else layer.activation(outputs)


def _double(image, kernel):
  """The convolution of `DoublingConvolution`, with a gradient of our own."""
  import tensorflow as tf

  @tf.custom_gradient
  def double(image, kernel):
    batch, height, width, channels = tf.unstack(tf.shape(image))
    filters = kernel.shape[2]
    shape = tf.stack([batch, 2 * height, 2 * width, filters])

    def gradients(upstream):
      pixels = tf.reshape(image, [-1, channels])
      # Rows that the kernel's first row made, and those of its second.
      rows = tf.unstack(
        tf.reshape(upstream, [batch * height, 2, width * 2 * filters]), axis=1
      )
      by_kernel = tf.stack(
        [
          tf.matmul(
            tf.reshape(row, [-1, 2 * filters]), pixels, transpose_a=True
          )
          for row in rows
        ]
      )
      return (
        tf.nn.conv2d(upstream, kernel, 2, 'VALID'),
        tf.reshape(by_kernel, tf.shape(kernel)),
      )

    return tf.nn.conv2d_transpose(image, kernel, shape, 2, 'VALID'), gradients

  # Keras gives a variable here, which the gradient's function may not use.
  return double(image, tf.convert_to_tensor(kernel))


@keras.saving.register_keras_serializable(package='heightnet_tf')
class DepthwiseConvolution(keras.layers.DepthwiseConv2D):
  """A depthwise convolution, quicker to train in bfloat16 on a CPU.

  The same arguments, variables and, but for rounding, numbers as Keras' own
  layer. Two of TensorFlow's gradients are slow there, and not in float32: that
  by the input with stride 2 takes five to twenty times as long as the
  convolution that it comes to, of the gradient with zeros between its pixels;
  that by a kernel of 5 x 5 twice as long as in float32.
  """

  def call(self, inputs, training=None):
    """Takes float [B, H, W, C] to [B, ceil(H / s), ceil(W / s), C]."""
    fit = self.strides in ((1, 1), (2, 2)) and self.padding == 'same'
    plain = self.dilation_rate == (1, 1) and self.depth_multiplier == 1
    # Of a smaller one the gradient would have to be cut, not padded.
    large = min(self.kernel_size) >= 3
    slow = training and _slow_in(self.compute_dtype)
    if not (fit and plain and large and slow):
      return super().call(inputs)
    outputs = _convolve_apart(inputs, self.kernel, self.strides[0])
    return _completed(self, outputs)


def _slow_in(dtype):
  """Whether TensorFlow's gradients of depthwise convolutions are slow."""
  if keras.backend.backend() != 'tensorflow' or dtype != 'bfloat16':
    return False
  import tensorflow as tf

  devices = tf.config.list_logical_devices()
  return all(device.device_type == 'CPU' for device in devices)


def _convolve_apart(image, kernel, stride):
  """That of `DepthwiseConvolution`, with a gradient of our own."""
  import tensorflow as tf

  strides = 1, stride, stride, 1

  @tf.custom_gradient
  def convolve(image, kernel):
    def gradients(upstream):
      precise = 'float32' if kernel.shape[0] > 3 else image.dtype
      by_kernel = tf.nn.depthwise_conv2d_backprop_filter(
        tf.cast(image, precise),
        kernel.shape,
        tf.cast(upstream, precise),
        strides,
        'SAME',
      )
      if stride == 1:
        by_image = tf.nn.depthwise_conv2d_backprop_input(
          tf.shape(image), kernel, upstream, strides, 'SAME'
        )
      else:
        by_image = tf.ensure_shape(
          _back_from_half(upstream, kernel, tf.shape(image)), image.shape
        )
      return by_image, tf.cast(by_kernel, kernel.dtype)

    return tf.nn.depthwise_conv2d(image, kernel, strides, 'SAME'), gradients

  # Keras gives a variable here, which the gradient's function may not use.
  return convolve(image, tf.convert_to_tensor(kernel))


def _back_from_half(upstream, kernel, shape):
  """Gradient by the image of that shape, of a convolution with stride 2."""
  import tensorflow as tf

  batch, height, width, channels = tf.unstack(tf.shape(upstream))
  for axis, spread in (
    (3, [batch, height, 2 * width, channels]),
    (2, [batch, 2 * height, 2 * width, channels]),
  ):
    pixels_and_zeros = tf.stack([upstream, tf.zeros_like(upstream)], axis)
    upstream = tf.reshape(pixels_and_zeros, spread)
  rims = [_rim(shape[axis], kernel.shape[axis - 1]) for axis in (1, 2)]
  return tf.nn.depthwise_conv2d(
    tf.pad(upstream, [[0, 0], *rims, [0, 0]]),
    kernel[::-1, ::-1],
    (1, 1, 1, 1),
    'VALID',
  )


def _rim(size, kernel):
  """Zeros before and after a spread gradient, to an image of that size."""
  halved = (size + 1) // 2
  # What 'same' padding puts before the image.
  before = (2 * (halved - 1) + kernel - size) // 2
  first = kernel - 1 - before
  return [first, size - 2 * halved - first + kernel - 1]


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
