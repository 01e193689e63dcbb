import keras
from keras import ops
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.nets import losses

_NAN = float('nan')


def _map(rows):
  return np.array(rows, 'float32')[None, ..., None]


def test_l1_by_hand():
  truth, predicted = _map([[0, 10], [2, _NAN]]), _map([[1, 6], [2, 99]])
  weight = _map([[1, 3], [1, 0]])
  # (1 * 1 + 3 * 4 + 1 * 0) / (1 + 3 + 1)
  loss = losses.L1()(truth, predicted, sample_weight=weight)
  assert float(loss) == pytest.approx(13 / 5)


def test_huber_by_hand():
  truth, predicted = _map([[0, 0]]), _map([[4, 30]])
  # 4 is within 10 m: 4 * 4 / 2 / 10; 30 beyond: 30 - 10 / 2.
  loss = losses.Huber()(truth, predicted)
  assert float(loss) == pytest.approx((0.8 + 25) / 2)


def test_laplace_by_hand():
  truth = _map([[0, 10], [2, _NAN]])
  predicted = np.concatenate(
    [_map([[1, 6], [2, 99]]), _map([[2, 4], [0.5, 7]])], -1
  )
  weight = _map([[1, 3], [1, 0]])
  parts = [1 / 2 + np.log(4), 4 / 4 + np.log(8), 0, 0]
  loss = losses.Laplace()(truth, predicted, sample_weight=weight)
  assert float(loss) == pytest.approx((parts[0] + 3 * parts[1]) / 5, rel=1e-5)
  loss = losses.Laplace(beta=0.5)(truth, predicted, sample_weight=weight)
  scaled = parts[0] * np.sqrt(2) + 3 * parts[1] * 2
  assert float(loss) == pytest.approx(scaled / 5, rel=1e-5)


def test_laplace_gives_unknown_pixels_no_gradient_and_heights_that_of_l1():
  import tensorflow as tf

  truth = _map([[1.0, _NAN], [_NAN, 5.0]])
  predicted = tf.constant(
    np.concatenate(
      [_map([[2.0, 50.0], [1e6, 5.5]]), _map([[0.05, 1e-9], [9.0, 4.0]])], -1
    )
  )
  gradients = []
  for beta in (0.0, 1.0):
    with tf.GradientTape() as tape:
      tape.watch(predicted)
      value = tf.reduce_sum(losses.Laplace(beta=beta).call(truth, predicted))
    gradients.append(tape.gradient(value, predicted).numpy()[0])
  plain, scaled = gradients
  assert np.isfinite(gradients).all()
  assert (plain[0, 1] == 0).all()
  assert (plain[1, 0] == 0).all()
  # 1 m off at a spread of 0.05 m: 1 / b for the height, -|e| / b^2 + 1 / b.
  np.testing.assert_allclose(plain[0, 0], [20, -380], rtol=1e-5)
  np.testing.assert_allclose(scaled[..., 0], [[1, 0], [0, 1]], rtol=1e-5)


def test_a_spread_is_learned_with_the_likelihood_of_l1():
  how = {'gradient_weight': 0.5, 'beta': 1.0}
  chosen = losses.choose('l1', uncertainty=True, **how)
  assert isinstance(chosen, losses.Laplace)
  assert chosen.beta == 1.0
  plain = losses.choose('huber', uncertainty=False, **how)
  assert isinstance(plain, losses.Huber)
  with pytest.raises(errors.FlagError, match='--loss=huber does not go with'):
    losses.choose('huber', uncertainty=True, **how)


@pytest.mark.parametrize('name', sorted(losses.LOSSES))
def test_unknown_pixels_give_no_loss_and_no_gradient(name):
  import tensorflow as tf

  loss = losses.LOSSES[name](gradient_weight=0.5)
  truth = _map([[1.0, _NAN], [_NAN, 5.0]])
  predicted = tf.constant(_map([[2.0, 50.0], [1e6, 5.5]]))
  weight = _map([[1, 0], [0, 1]])
  with tf.GradientTape() as tape:
    tape.watch(predicted)
    value = loss(truth, predicted, sample_weight=weight)
  gradient = tape.gradient(value, predicted).numpy()[0, ..., 0]
  assert np.isfinite(value)
  assert np.isfinite(gradient).all()
  assert gradient[0, 1] == gradient[1, 0] == 0
  assert gradient[0, 0] > 0


def test_loss_does_not_depend_on_the_scale_of_the_weights():
  random = np.random.default_rng(0)
  truth, predicted = random.uniform(0, 9, (2, 1, 4, 4, 1)).astype('float32')
  weight = random.uniform(0.1, 9, truth.shape).astype('float32')
  one = losses.L1()(truth, predicted, sample_weight=weight)
  other = losses.L1()(truth, predicted, sample_weight=7 * weight)
  assert float(one) == pytest.approx(float(other), rel=1e-5)


def test_a_constant_error_has_no_gradient_term():
  error = ops.ones((1, 16, 16, 1))
  known = ops.ones((1, 16, 16, 1), 'bool')
  change = losses.multi_scale_gradient(error, known)
  assert float(ops.max(change)) == 0


def test_gradient_term_of_a_step_by_hand():
  error = _map([[0.0, 8.0]])
  known = np.ones_like(error, bool)
  # One difference of 8 over 1 px to the right; eight terms are averaged.
  change = losses.multi_scale_gradient(error, known)
  np.testing.assert_allclose(np.ravel(change), [1, 0])
  known[0, 0, 1] = False
  assert float(ops.max(losses.multi_scale_gradient(error, known))) == 0


def test_half_precision_predictions_are_lost_in_float32():
  loss = losses.L1()(_map([[0.0]]), ops.cast(_map([[3.0]]), 'bfloat16'))
  assert keras.backend.standardize_dtype(loss.dtype) == 'float32'


def test_works_in_compile_and_fit():
  model = keras.Sequential([keras.Input((None, None, 3)), _head()])
  model.compile('sgd', losses.L1())
  image = np.ones((2, 4, 4, 3), 'float32')
  truth = np.full((2, 4, 4, 1), 5.0, 'float32')
  truth[0, 0] = _NAN
  weight = np.isfinite(truth).astype('float32')
  history = model.fit(image, truth, sample_weight=weight, verbose=0)
  assert np.isfinite(history.history['loss'][0])


def _head():
  return keras.layers.Conv2D(1, 1)
