import keras
import numpy as np
import tensorflow as tf

from heightnet_tf.training import optimizers

_ARGUMENTS = {'weight_decay': 0.02, 'global_clipnorm': 1.0}


def _trained(optimizer):
  """Weights after three compiled steps."""
  random = np.random.default_rng(0)
  variables = [
    keras.Variable(random.normal(size=shape), dtype='float32')
    for shape in ((3, 3, 2, 4), (4,))
  ]
  optimizer.build(variables)

  @tf.function
  def step(gradients):
    optimizer.apply(gradients, variables)

  for _ in range(3):
    step(
      [
        tf.constant(random.normal(size=one.shape), tf.float32)
        for one in variables
      ]
    )
  return [np.array(one) for one in variables]


def test_the_same_numbers_as_adamw_of_keras():
  ours = _trained(optimizers.FusedAdamW(0.1, **_ARGUMENTS))
  theirs = _trained(keras.optimizers.AdamW(0.1, **_ARGUMENTS))
  for own, their in zip(ours, theirs, strict=True):
    np.testing.assert_allclose(own, their, rtol=1e-5, atol=1e-6)


def test_tensors_are_joined_and_taken_apart():
  random = np.random.default_rng(0)
  shapes = [(2, 3), (4,), (), (1, 5)]
  tensors = [tf.constant(random.normal(size=one), tf.float32) for one in shapes]
  vector = optimizers.joined(tensors)
  assert vector.shape == (16,)
  for one, other in zip(tensors, optimizers.split(vector, shapes), strict=True):
    np.testing.assert_array_equal(one, other)
