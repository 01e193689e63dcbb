import keras
import numpy as np
import pytest

from heightnet_tf.nets import heads
from heightnet_tf.nets import networks


def _build(name='unet', *, uncertainty=True):
  return networks.build(
    networks.describe(
      name,
      bands=3,
      base_filters=2,
      depth=1,
      normalisation='batch',
      uncertainty=uncertainty,
    )
  )


@pytest.mark.parametrize('name', ['unet', 'unet_efficientnet_lite0'])
def test_heights_stay_where_they_are_and_spreads_come_second(name):
  model = _build(name)
  image = np.zeros((1, 32, 32, 3), 'float32')
  height_m, spread_m = model(image)
  assert height_m.shape == spread_m.shape == (1, 32, 32, 1)
  assert tuple(model.output_names) == heads.outputs(uncertainty=True)
  both = heads.as_channels(model(image))
  np.testing.assert_array_equal(both[..., :1], height_m)
  np.testing.assert_array_equal(both[..., 1:], spread_m)


def test_a_network_without_it_gives_one_tensor():
  model = _build(uncertainty=False)
  out = heads.as_channels(model(np.zeros((1, 4, 4, 3), 'float32')))
  assert out.shape == (1, 4, 4, 1)


def test_spread_is_softplus_above_a_floor():
  layer = heads.Spread()
  raw = np.array([-200.0, 0.0, 3.0, 200.0], 'float32').reshape(1, 2, 2, 1)
  expected = 0.05 + np.logaddexp(0, raw.astype(float))
  np.testing.assert_allclose(layer(raw), expected, rtol=1e-5)
  layer.temperature.assign(2.0)
  np.testing.assert_allclose(layer(raw), 2 * expected, rtol=1e-5)


def test_spread_is_float32_under_mixed_precision():
  keras.config.set_dtype_policy('mixed_bfloat16')
  try:
    model = _build()
  finally:
    keras.config.set_dtype_policy('float32')
  assert [output.dtype for output in model.outputs] == ['float32'] * 2


def test_the_temperature_is_not_trained_and_is_saved(tmp_path):
  model = _build()
  heads.scale_spread(model, 3.0)
  heads.scale_spread(model, 0.5)
  assert heads.temperature(model) == 1.5
  paths = [variable.path for variable in model.trainable_variables]
  assert not any('temperature' in path for path in paths)
  model.save(tmp_path / 'model.keras')
  again = keras.saving.load_model(tmp_path / 'model.keras')
  assert heads.temperature(again) == 1.5


def test_heights_are_multiplied_and_nothing_else():
  model = _build()
  image = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 3))
  before = model(image.astype('float32'))
  heads.scale_height(model, 0.5)
  height_m, spread_m = model(image.astype('float32'))
  np.testing.assert_allclose(height_m, before[0] / 2, rtol=1e-6)
  np.testing.assert_array_equal(spread_m, before[1])
