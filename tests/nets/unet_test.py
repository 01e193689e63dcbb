import keras
import numpy as np
import pytest

from heightnet_tf.nets import networks
from tests import small_models


def _build(**changes):
  arguments = {'base_filters': 4, 'depth': 2, **changes}
  return networks.build(small_models.unet_of(**arguments))


@pytest.mark.parametrize('normalisation', ['batch', 'group'])
@pytest.mark.parametrize('shape', [(8, 8), (16, 12)])
def test_one_height_per_pixel(normalisation, shape):
  model = _build(normalisation=normalisation)
  out = model(np.zeros((2, *shape, 3), 'float32'))
  assert out.shape == (2, *shape, 1)
  assert keras.backend.standardize_dtype(out.dtype) == 'float32'


def test_output_is_linear():
  model = _build()
  head = model.get_layer('height_m')
  kernel, _ = head.get_weights()
  image = np.random.default_rng(0).uniform(0, 255, (1, 8, 8, 3))
  head.set_weights([kernel, np.array([-7.0])])
  low = model(image.astype('float32'))
  head.set_weights([kernel, np.array([-4.0])])
  np.testing.assert_allclose(
    model(image.astype('float32')) - low, 3.0, atol=1e-4
  )


def test_output_is_float32_under_mixed_precision():
  keras.config.set_dtype_policy('mixed_bfloat16')
  try:
    model = _build()
  finally:
    keras.config.set_dtype_policy('float32')
  assert model.get_layer('down0a_conv').compute_dtype == 'bfloat16'
  assert model.output.dtype == 'float32'


def test_other_numbers_of_bands():
  assert _build(bands=5).input_shape == (None, None, None, 5)
