import json

import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.export import bundle
from heightnet_tf.export import litert
from heightnet_tf.export import packing
from heightnet_tf.export import tiles
from heightnet_tf.inference import backends
from heightnet_tf.training import small_file


@pytest.fixture
def export(model, card):
  random = np.random.default_rng(0)
  some = tiles.Tiles(
    image=random.uniform(0, 255, (1, 32, 32, 3)).astype(np.float32),
    height_m=random.uniform(0, 9, (1, 32, 32, 1)).astype(np.float32),
  )
  return bundle.Export(
    model=model, card=card, path='runs/last.keras', calibration=some, check=some
  )


def _no_conversion(small, folder, formats, *, max_mae_change_m):
  """Stands in for a minute of conversions; tests of `bundle` do those."""
  assert (formats, max_mae_change_m) == (['tflite'], None)
  reference = bundle.parity.measure(
    backends.KerasPredictor(small.model, small.card), small.check
  )
  limits = bundle.parity.Limits(mae_m=0, tall_mae_m=0)
  rows = []
  for variant, side_px in (
    (litert.FLOAT16, 256),
    (litert.FLOAT16, 0),
    (litert.INT8, 0),
    (litert.DYNAMIC, 0),
  ):
    name = litert.named(variant, side_px)
    (folder / name).write_text(name)
    rows.append(
      bundle.parity.compare(
        folder / name, reference, reference, limits=limits, note=''
      )
    )
  return bundle._figures(small, rows)


def test_writes_the_small_model_and_what_is_made_of_it(
  export, tmp_path, monkeypatch
):
  monkeypatch.setattr(bundle, 'write', _no_conversion)
  (tmp_path / 'README.md').write_text('stays')

  rows = packing.write(export, tmp_path)

  names = ['height.keras', 'height_float16.tflite', 'height_int8.tflite']
  assert [row.file for row in rows] == ['last.keras', *names]
  assert 0 < rows[1].largest_difference_m < 0.01
  assert rows[1].limit_m == 0.01
  assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
    [*names, 'README.md', 'parity.json']
  )
  assert (tmp_path / names[1]).read_text() == 'height_float16_256.tflite'
  assert (tmp_path / names[2]).read_text() == 'height_int8_any.tflite'
  written = json.loads((tmp_path / 'parity.json').read_text())
  assert written['model'] == 'last.keras'
  assert [row['file'] for row in written['files']] == ['last.keras', *names]
  image = export.check.image
  np.testing.assert_allclose(
    backends.open_predictor(tmp_path / 'height.keras')(image),
    export.model(image),
    atol=0.01,
  )


def test_a_model_that_changed_is_not_written(export, tmp_path, monkeypatch):
  def a_metre_off(path, model, card):
    *others, offset = model.get_weights()
    model.set_weights([*others, offset + 1])
    save(path, model, card)
    model.set_weights([*others, offset])

  save = small_file.save
  monkeypatch.setattr(small_file, 'save', a_metre_off)
  with pytest.raises(errors.ExportError, match=r'height\.keras by'):
    packing.write(export, tmp_path)
  assert not list(tmp_path.iterdir())
