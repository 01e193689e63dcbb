import keras
import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf.nets import layers


def _pair():
  fused = layers.FusedBatchNormalization(momentum=0.9, epsilon=1e-3)
  own = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-3)
  random = np.random.default_rng(0)
  for layer in (fused, own):
    layer.build((None, None, None, 3))
  state = [random.uniform(0.5, 2, 3).astype('float32') for _ in range(4)]
  fused.set_weights(state)
  own.set_weights(state)
  return fused, own


@pytest.mark.parametrize('training', [False, True])
def test_same_numbers_as_keras(training):
  fused, own = _pair()
  image = np.random.default_rng(1).normal(3, 2, (2, 4, 5, 3)).astype('float32')
  np.testing.assert_allclose(
    fused(image, training=training), own(image, training=training), atol=1e-5
  )
  for one, other in zip(fused.get_weights(), own.get_weights(), strict=True):
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_statistics_change_in_training_only():
  fused, _ = _pair()
  before = fused.get_weights()
  image = np.full((1, 2, 2, 3), 9.0, 'float32')
  fused(image, training=False)
  np.testing.assert_array_equal(before[2], fused.get_weights()[2])
  fused(image, training=True)
  np.testing.assert_allclose(
    fused.get_weights()[2], 0.9 * before[2] + 0.9, atol=1e-5
  )


def test_half_precision_activations_with_float32_statistics():
  layer = layers.FusedBatchNormalization(dtype='mixed_bfloat16')
  out = layer(np.ones((1, 2, 2, 3), 'float32'), training=True)
  assert keras.backend.standardize_dtype(out.dtype) == 'bfloat16'
  assert {str(v.dtype) for v in layer.variables} == {'float32'}


def test_survives_saving(tmp_path):
  image = keras.Input((None, None, 3))
  model = keras.Model(image, layers.batch_normalization(3, 'norm')(image))
  model.save(tmp_path / 'model.keras')
  again = keras.saving.load_model(tmp_path / 'model.keras')
  assert isinstance(again.get_layer('norm'), layers.FusedBatchNormalization)


@pytest.mark.parametrize(('filters', 'groups'), [(32, 2), (8, 1)])
def test_groups_have_sixteen_channels_or_all(filters, groups):
  assert layers.group_normalization(filters, 'n').groups == groups


def _learned(layer, image, compiled, **arguments):
  """What a layer makes of an image, and the gradients of its sum of squares."""

  def learn(image):
    with tf.GradientTape() as tape:
      tape.watch(image)
      outputs = layer(image, **arguments)
      loss = tf.reduce_sum(tf.square(outputs))
    variables = [variable.value for variable in layer.trainable_variables]
    return [outputs, *tape.gradient(loss, [image, *variables])]

  if compiled:  # as it is trained, and for images of any size
    signature = [tf.TensorSpec((None, None, None, 6))]
    learn = tf.function(learn, input_signature=signature)
  return learn(tf.constant(image))


def _assert_same(own, other, image, compiled):
  """Two layers give the same numbers and gradients, with the same weights."""
  for layer in (own, other):
    layer.build(image.shape)
  kernel, bias = own.get_weights()
  own.set_weights([kernel, np.arange(float(len(bias)))])
  other.set_weights(own.get_weights())
  found = _learned(own, image, compiled, training=True)
  wanted = _learned(other, image, compiled)
  for one, another in zip(found, wanted, strict=True):
    np.testing.assert_allclose(one, another, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize('compiled', [True, False])
@pytest.mark.parametrize('size', [2, 3])
def test_doubling_has_the_numbers_and_gradients_of_keras(size, compiled):
  kinds = layers.DoublingConvolution, keras.layers.Conv2DTranspose
  own, other = (kind(5, size, strides=2, activation='relu') for kind in kinds)
  image = np.random.default_rng(0).normal(size=(2, 3, 4, 6)).astype('float32')
  _assert_same(own, other, image, compiled)


@pytest.mark.parametrize('compiled', [True, False])
@pytest.mark.parametrize('size', [1, 2, 3, 5])
@pytest.mark.parametrize('stride', [1, 2])
@pytest.mark.parametrize('shape', [(2, 6, 8, 6), (2, 7, 5, 6)])
def test_depthwise_has_the_numbers_and_gradients_of_keras(
  shape, stride, size, compiled, monkeypatch
):
  # As in bfloat16, in numbers that are close enough to compare.
  monkeypatch.setattr(layers, '_slow_in', lambda dtype: True)
  kinds = layers.DepthwiseConvolution, keras.layers.DepthwiseConv2D
  how = {'strides': stride, 'padding': 'same', 'activation': 'relu'}
  own, other = (kind(size, **how) for kind in kinds)
  image = np.random.default_rng(0).normal(size=shape).astype('float32')
  _assert_same(own, other, image, compiled)


def test_depthwise_has_gradients_of_its_own_where_it_is_quicker():
  assert not layers._slow_in('float32')
  on_cpu = not tf.config.list_logical_devices('GPU')
  assert layers._slow_in('bfloat16') == on_cpu
