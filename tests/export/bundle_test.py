import dataclasses

import keras
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.export import bundle
from heightnet_tf.export import litert
from heightnet_tf.export import tiles
from heightnet_tf.inference import backends


@pytest.fixture
def export(model, card):
  random = np.random.default_rng(0)
  some = tiles.Tiles(
    image=random.uniform(0, 255, (2, 32, 32, 3)).astype(np.float32),
    height_m=random.uniform(0, 9, (2, 32, 32, 1)).astype(np.float32),
  )
  return bundle.Export(
    model=model, card=card, path=__file__, calibration=some, check=some
  )


def _write(export, output, formats=('saved_model',), limit_m=None):
  return bundle.write(export, output, formats, max_mae_change_m=limit_m)


def _convert_float_only(monkeypatch):
  real = litert.attempts
  monkeypatch.setattr(
    litert,
    'attempts',
    lambda *args, **options: {
      litert.FLOAT32: real(*args, **options)[litert.FLOAT32]
    },
  )


@pytest.fixture
def a_metre_off(export, monkeypatch):
  """A conversion whose file predicts heights a metre too high."""
  _convert_float_only(monkeypatch)
  monkeypatch.setattr(
    backends,
    'open_predictor',
    lambda path: lambda image: np.array(export.model(image)) + 1.0,
  )


def test_each_export_is_the_next_version(export, tmp_path):
  (tmp_path / 'heightnet' / '7').mkdir(parents=True)

  figures = _write(export, tmp_path)

  assert (tmp_path / 'heightnet' / '8' / 'saved_model.pb').exists()
  assert [row.file for row in bundle.rows_of(figures)] == [
    'bundle_test.py',
    'heightnet/8',
  ]


@pytest.mark.usefixtures('a_metre_off')
def test_a_failing_export_leaves_what_was_there(export, tmp_path):
  (tmp_path / litert.FLOAT32).write_text('before')

  with pytest.raises(errors.ExportError, match=r'float32.*at most 0\.001 m'):
    _write(export, tmp_path, ('tflite',))

  assert (tmp_path / litert.FLOAT32).read_text() == 'before'
  assert [path.name for path in tmp_path.iterdir()] == [litert.FLOAT32]


@pytest.mark.usefixtures('a_metre_off')
def test_a_limit_given_holds_for_every_file(export, tmp_path):
  figures = _write(export, tmp_path, ('tflite',), limit_m=2.0)

  row = bundle.rows_of(figures)[1]
  assert row.limit_m == 2.0
  assert row.largest_difference_m == pytest.approx(1.0, abs=1e-3)
  assert (tmp_path / litert.FLOAT32).exists()


@pytest.mark.parametrize('formats', [('onnx',), ()])
def test_an_unknown_format(export, tmp_path, formats):
  with pytest.raises(errors.FlagError, match='saved_model,tflite,serving'):
    _write(export, tmp_path, formats)


def test_an_output_that_cannot_be_written(export, tmp_path):
  (tmp_path / 'file').write_text('')

  with pytest.raises(errors.OutputError, match='Cannot write'):
    _write(export, tmp_path / 'file' / 'inside')


def _tall_network():
  """Heights that are the difference of two great numbers, where they are.

  A height is the red band less 200, at least 0: the difference of 40 and of 39
  times that, of which int8 keeps steps of 8 m. Where both are 0, as on the
  ground, nothing is lost.
  """
  image = keras.Input((None, None, 3), name='image')
  great = np.reshape([[40, 39], [0, 0], [0, 0]], (1, 1, 3, 2))
  same = [np.eye(count).reshape(1, 1, count, count) for count in range(4)]
  features = image
  for k, (kernel, bias) in enumerate(
    [
      (same[3], [0, 0, 0]),
      (same[3], [0, 0, 0]),
      (great, [-8000, -7800]),
      (same[2], [0, 0]),
      (same[2], [0, 0]),
      (np.reshape([1, -1], (1, 1, 2, 1)), [0]),
    ]
  ):
    layer = keras.layers.Conv2D(
      kernel.shape[3],
      1,
      activation='relu' if k < 5 else None,
      name=f'layer{k}' if k < 5 else 'height_m',
    )
    features = layer(features)
    layer.set_weights([kernel, np.array(bias)])
  return keras.Model(image, features)


def test_where_int8_loses_the_tall_more_layers_stay_in_float(card, tmp_path):
  random = np.random.default_rng(0)
  image = random.integers(0, 190, (4, 32, 32, 3))
  # Few, so that the mean over all pixels hardly tells.
  image[:, :4, :8, 0] = random.integers(221, 256, (4, 4, 8))
  some = tiles.Tiles(
    image=image.astype(np.float32),
    height_m=np.maximum(image[..., :1] - 200.0, 0).astype(np.float32),
  )
  export = bundle.Export(
    model=_tall_network(),
    card=card,
    path=__file__,
    calibration=some,
    check=some,
  )
  figures = bundle.write(
    export,
    tmp_path,
    ('tflite',),
    max_mae_change_m=0.3,
    max_tall_mae_change_m=0.5,
  )

  rows = {row.file: row for row in bundle.rows_of(figures)}
  plain = tmp_path / 'plain.tflite'
  ways = litert.attempts(export.model, some.image, resizable=False)
  plain.write_bytes(ways[litert.INT8][0].make())
  model_card.attach(card, plain)
  height_m = backends.open_predictor(plain)(some.image)
  tall = some.height_m >= 20
  assert np.abs(height_m - some.height_m)[tall].mean() > 1.0
  assert np.abs(height_m - some.height_m).mean() < 0.3
  for name in (litert.INT8, litert.INT8_IO):
    assert rows[name].note == 'last 4 convolutions in float', name
    assert rows[name].tall_mae_change_m < 0.5
  assert rows[litert.FLOAT32].note == ''


def test_several_sizes(export, tmp_path, monkeypatch):
  _convert_float_only(monkeypatch)
  some = export.check
  part = tiles.Tiles(
    image=some.image[:, :16, :16], height_m=some.height_m[:, :16, :16]
  )
  sizes = (
    tiles.Size(side_px=16, calibration=part, check=part),
    tiles.Size(side_px=0, calibration=some, check=some),
  )

  figures = _write(
    dataclasses.replace(export, sizes=sizes), tmp_path, ('tflite',)
  )

  names = ['height_float32_16.tflite', 'height_float32_any.tflite']
  assert [row.file for row in bundle.rows_of(figures)[1:]] == names
  predictors = [backends.open_predictor(tmp_path / name) for name in names]
  assert [one.fixed_px for one in predictors] == [16, None]
