from absl.testing import flagsaver
import numpy as np
import pytest

from heightnet_tf.inference import backends
from heightnet_tf.nets import networks
from heightnet_tf.training import model_file
from tests import small_models

_NETWORK = small_models.unet_of(base_filters=8, depth=1)


@pytest.fixture
def path(tmp_path):
  path = tmp_path / 'last.keras'
  card = small_models.card_of(gsd_m=None, stride_px=2, network=_NETWORK)
  model_file.save(path, networks.build(_NETWORK), card)
  return path


def test_heights_are_multiplied(
  load_main, monkeypatch, path, pairs_folder, tmp_path
):
  bundle_main = load_main('bundle_main')
  packed = []
  monkeypatch.setattr(
    bundle_main.packing, 'write', lambda export, _: packed.append(export) or []
  )
  monkeypatch.setattr(bundle_main.parity, 'table', lambda rows: '')
  with flagsaver.flagsaver(
    model=str(path),
    output=str(tmp_path),
    data_dir=str(pairs_folder),
    height_factor=0.5,
  ):
    bundle_main.main(['bundle_main.py'])

  (export,) = packed
  assert export.card.height_factor == 0.5
  image = np.arange(3 * 32 * 32, dtype=np.uint8).reshape(1, 32, 32, 3)
  whole = backends.open_predictor(path)(image)
  halved = backends.KerasPredictor(export.model, export.card)(image)
  np.testing.assert_allclose(halved, whole / 2, rtol=1e-5)
