import keras
import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf.heights import bins
from heightnet_tf.nets import losses
from heightnet_tf.nets import networks
from heightnet_tf.training import precision
from heightnet_tf.training import step
from tests import small_models

_NETWORK = small_models.unet_of(normalisation='group')
_BATCH_NORMALISED = small_models.unet_of()


@pytest.fixture(scope='module')
def mirrored():
  """A strategy over the two logical CPUs of conftest.py.

  One for all tests: two of them in a process number their exchanges alike.
  """
  cpus = tf.config.list_logical_devices('CPU')
  return tf.distribute.MirroredStrategy([cpu.name for cpu in cpus])


def _stepper(strategy, *, network=_NETWORK, rate=0.1, clip=None, **options):
  keras.utils.set_random_seed(0)
  options = {
    'average_decay': 0.0,
    'rate_factor': lambda layer_name: 1.0,
    **options,
  }
  with strategy.scope():
    return step.Stepper(
      networks.build(network),
      precision.for_policy(keras.optimizers.SGD(rate, global_clipnorm=clip)),
      losses.L1(),
      strategy=strategy,
      **options,
    )


def _batch():
  random = np.random.default_rng(0)
  image = random.uniform(0, 255, (4, 8, 8, 3)).astype('float32')
  height_m = random.uniform(0, 20, (4, 8, 8, 1)).astype('float32')
  height_m[0] = np.nan
  weight = np.where(np.isnan(height_m), 0, height_m).astype('float32')
  return image, height_m, weight


def _known_pixels(sums):
  return sums[2 : 2 + len(bins.REPORT_EDGES_M)].sum()


def test_a_step_lowers_the_loss_and_counts_known_pixels_only():
  stepper = _stepper(tf.distribute.get_strategy(), rate=0.01)
  batch = tuple(tf.constant(part) for part in _batch())
  rows = [stepper.train(batch, tf.constant(0.0)).numpy() for _ in range(12)]
  assert rows[-1][0] < rows[0][0]
  assert rows[0][1] == pytest.approx(_batch()[2].sum(), rel=1e-5)
  assert _known_pixels(rows[0]) == 3 * 64
  assert np.isfinite(rows).all()


def test_gradient_is_that_of_the_weighted_mean():
  strategy = tf.distribute.get_strategy()
  stepper = _stepper(strategy, rate=1.0)
  before = [v.numpy() for v in stepper.model.trainable_variables]
  batch = tuple(tf.constant(part) for part in _batch())
  with tf.GradientTape() as tape:
    predicted = stepper.model(batch[0], training=True)
    loss = losses.L1()(batch[1], predicted, sample_weight=batch[2])
  expected = tape.gradient(loss, stepper.model.trainable_variables)
  stepper.train(batch, tf.constant(0.0))
  for old, new, gradient in zip(
    before, stepper.model.trainable_variables, expected, strict=True
  ):
    np.testing.assert_allclose(old - new.numpy(), gradient, atol=1e-4)


@pytest.mark.parametrize('clip', [None, 1e-3])
def test_two_replicas_step_as_one(mirrored, clip):
  one = _stepper(tf.distribute.get_strategy(), clip=clip)
  one.train(tuple(tf.constant(p) for p in _batch()), tf.constant(0.0))
  many = _stepper(mirrored, clip=clip and clip / 2)
  dataset = tf.data.Dataset.from_tensor_slices(_batch()).batch(4)
  batch = next(iter(mirrored.experimental_distribute_dataset(dataset)))
  sums = many.train(batch, tf.constant(0.0)).numpy()
  assert _known_pixels(sums) == 3 * 64
  for a, b in zip(
    one.model.get_weights(), many.model.get_weights(), strict=True
  ):
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_batch_statistics_move_on_two_replicas(mirrored):
  stepper = _stepper(mirrored, network=_BATCH_NORMALISED, average_decay=0.9)
  moving = stepper.model.get_layer('bottoma_norm').moving_mean
  dataset = tf.data.Dataset.from_tensor_slices(_batch()).batch(4)
  batch = next(iter(mirrored.experimental_distribute_dataset(dataset)))
  stepper.train(batch, tf.constant(0.0))
  assert np.abs(moving.numpy()).max() > 0
  first, second = mirrored.experimental_local_results(moving.value)
  np.testing.assert_array_equal(first, second)


@pytest.fixture
def float16():
  keras.config.set_dtype_policy('mixed_float16')
  yield
  keras.config.set_dtype_policy('float32')


@pytest.mark.parametrize('replicas', [1, 2])
def test_float16_scales_its_loss_and_skips_what_overflows(
  float16, mirrored, replicas
):
  strategy = tf.distribute.get_strategy()
  if replicas == 2:
    strategy = mirrored
  stepper = _stepper(strategy, network=_BATCH_NORMALISED, rate=1.0, clip=1e-2)
  scale = stepper.optimizer.dynamic_scale
  stepper.optimizer.learning_rate = 0.5
  dataset = tf.data.Dataset.from_tensor_slices(_batch()).batch(4)
  batch = next(iter(strategy.experimental_distribute_dataset(dataset)))
  scale.assign(2.0**40)
  before = [v.numpy() for v in stepper.model.trainable_variables]
  assert np.isfinite(stepper.train(batch, tf.constant(0.0))).all()
  assert float(scale.numpy()) == 2.0**39
  for one, other in zip(before, stepper.model.trainable_variables, strict=True):
    np.testing.assert_array_equal(one, other)
  scale.assign(2.0**10)
  stepper.train(batch, tf.constant(0.0))
  assert float(scale.numpy()) == 2.0**10
  moved = [
    np.sum((one - other.numpy()) ** 2)
    for one, other in zip(
      before, stepper.model.trainable_variables, strict=True
    )
  ]
  # Clipped after the scale is taken out: rate times the largest norm.
  norm = 0.5 * 1e-2 * replicas
  assert np.sqrt(np.sum(moved)) == pytest.approx(norm, rel=1e-2)
  assert any(v is scale for v in stepper.variables())


def test_average_follows_the_weights():
  stepper = _stepper(tf.distribute.get_strategy(), average_decay=0.5)
  batch = tuple(tf.constant(part) for part in _batch())
  first = stepper.average.numpy()
  stepper.train(batch, tf.constant(1e6))
  weights = [one.numpy().ravel() for one in stepper.model.trainable_variables]
  np.testing.assert_allclose(
    stepper.average, 0.5 * first + 0.5 * np.concatenate(weights), atol=1e-6
  )
  twin = networks.build(_NETWORK)
  stepper.average_into(twin)
  averaged = [one.numpy().ravel() for one in twin.trainable_variables]
  np.testing.assert_array_equal(np.concatenate(averaged), stepper.average)


@pytest.mark.parametrize('replicas', [1, 2])
def test_slow_layers_go_a_share_of_the_way_and_frozen_ones_stay(
  mirrored, replicas
):
  strategy = mirrored if replicas == 2 else tf.distribute.get_strategy()
  frozen = {'bottoma_conv': 0.0, 'bottoma_norm': 0.0}
  dataset = tf.data.Dataset.from_tensor_slices(_batch()).batch(4)
  batch = next(iter(strategy.experimental_distribute_dataset(dataset)))
  moves = []
  for chosen in ({}, frozen, frozen | {'down0a_conv': 0.25}):
    stepper = _stepper(
      strategy,
      network=_BATCH_NORMALISED,
      rate_factor=lambda name, chosen=chosen: chosen.get(name, 1.0),
    )
    before = {w.path: w.numpy() for w in stepper.model.weights}
    stepper.train(batch, tf.constant(0.0))
    moves.append(
      {w.path: w.numpy() - before[w.path] for w in stepper.model.weights}
    )
  free, whole, slow = moves
  for path in ('bottoma_norm/moving_mean', 'bottoma_conv/kernel'):
    assert np.abs(free[path]).max() > 0
    assert np.abs(slow[path]).max() == 0
  np.testing.assert_allclose(
    slow['down0a_conv/kernel'], 0.25 * whole['down0a_conv/kernel'], atol=1e-5
  )
