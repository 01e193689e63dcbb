import zipfile

import keras
import numpy as np

from heightnet_tf.training import model_file
from heightnet_tf.training import small_file
from tests import small_models


def _model():
  """A kernel of 20,000 numbers, and statistics that half precision loses."""
  keras.utils.set_random_seed(0)
  image = keras.Input((None, None, 3), name='image')
  hidden = keras.layers.Conv2D(200, 3, padding='same')(image)
  hidden = keras.layers.BatchNormalization()(hidden)
  hidden = keras.layers.Conv2D(10, 3, padding='same')(hidden)
  model = keras.Model(image, keras.layers.Conv2D(1, 1)(hidden))
  normalisation = model.layers[2]
  scale, offset, mean, variance = normalisation.get_weights()
  normalisation.set_weights([scale, offset, mean + 1 / 3, variance * 1e6])
  return model


def test_kernels_are_rounded_and_all_else_is_kept(tmp_path):
  model, card = _model(), small_models.card_of()
  model_file.save(tmp_path / 'large.keras', model, card)
  small_file.save(tmp_path / 'small.keras', model, card)
  large, small = (
    (tmp_path / name).stat().st_size for name in ('large.keras', 'small.keras')
  )
  assert small < 0.6 * large
  read, card_read = model_file.load(tmp_path / 'small.keras')
  assert card_read == card
  for before, after in zip(model.weights, read.weights, strict=True):
    assert after.dtype == 'float32'
    wanted = np.asarray(before)
    if wanted.ndim > 1:
      wanted = wanted.astype(np.float16).astype(np.float32)
      assert not np.array_equal(wanted, before)
    np.testing.assert_array_equal(wanted, after)


def test_everything_in_the_file_is_deflated(tmp_path):
  small_file.save(tmp_path / 'small.keras', _model(), small_models.card_of())
  with zipfile.ZipFile(tmp_path / 'small.keras') as archive:
    assert archive.testzip() is None
    kinds = {member.compress_type for member in archive.infolist()}
  assert kinds == {zipfile.ZIP_DEFLATED}
  assert [path.name for path in tmp_path.iterdir()] == ['small.keras']
