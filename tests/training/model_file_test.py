from absl import logging
import keras
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.nets import networks
from heightnet_tf.training import model_file
from tests import small_models

_NETWORK = small_models.unet_of()
_CARD = small_models.card_of(window_px=8, stride_px=2, network=_NETWORK)


def test_model_and_card_come_back(tmp_path):
  model = networks.build(_NETWORK)
  path = tmp_path / 'm.keras'
  model_file.save(path, model, _CARD)
  again, card = model_file.load(path)
  assert card == _CARD
  image = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3))
  np.testing.assert_allclose(model(image), again(image), atol=1e-6)


def test_float32_twin_of_a_half_precision_model():
  keras.config.set_dtype_policy('mixed_bfloat16')
  try:
    model = networks.build(_NETWORK)
    twin = model_file.in_float32(_NETWORK, model)
    assert keras.config.dtype_policy().name == 'mixed_bfloat16'
  finally:
    keras.config.set_dtype_policy('float32')
  assert twin.get_layer('bottoma_conv').compute_dtype == 'float32'
  for one, other in zip(twin.get_weights(), model.get_weights(), strict=True):
    np.testing.assert_array_equal(one, other)


def test_weights_of_another_network_are_refused(tmp_path):
  path = tmp_path / 'm.keras'
  model_file.save(path, networks.build(_NETWORK), _CARD)
  other = networks.build(small_models.unet_of(base_filters=4))
  with pytest.raises(errors.ModelFileError, match='another network'):
    model_file.load_weights(other, path)


@pytest.mark.parametrize('content', [b'', b'no model', b'PK\x03\x04 broken'])
def test_foreign_files_are_named(tmp_path, content):
  path = tmp_path / 'foreign.keras'
  path.write_bytes(content)
  with pytest.raises(errors.ModelFileError, match=r'foreign\.keras'):
    model_file.load(path)


def test_a_truncated_model_is_named(tmp_path):
  path = tmp_path / 'm.keras'
  model_file.save(path, networks.build(_NETWORK), _CARD)
  path.write_bytes(path.read_bytes()[:-200])
  with pytest.raises(errors.ModelFileError, match=r'm\.keras'):
    model_file.load(path)


def test_a_missing_model_is_named(tmp_path):
  with pytest.raises(errors.ModelFileError, match=r'nothing\.keras'):
    model_file.load(tmp_path / 'nothing.keras')


def test_layers_of_one_side_only_stay_and_are_told(tmp_path, monkeypatch):
  said = []
  monkeypatch.setattr(
    logging, 'warning', lambda text, *parts: said.append(text % parts)
  )
  path = tmp_path / 'm.keras'
  saved = networks.build(_NETWORK)
  model_file.save(path, saved, _CARD)
  plain = networks.build(_NETWORK)
  features = plain.get_layer('up0b_relu').output
  spread = keras.layers.Conv2D(1, 1, name='spread_m')(features)
  model = keras.Model(plain.input, [plain.output, spread], name='unet')
  own = model.get_layer('spread_m').get_weights()[0]
  model_file.load_weights(model, path)
  for layer in saved.layers:
    for one, other in zip(
      layer.get_weights(),
      model.get_layer(layer.name).get_weights(),
      strict=True,
    ):
      np.testing.assert_array_equal(one, other)
  np.testing.assert_array_equal(
    own, model.get_layer('spread_m').get_weights()[0]
  )
  assert len(said) == 1
  assert 'spread_m start anew' in said[0]
