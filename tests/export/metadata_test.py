import zipfile

from ai_edge_litert import interpreter as runtime
import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.export import metadata
from heightnet_tf.inference import backends
from tests import small_models

_CARD = small_models.card_of(outputs=('height_m', 'spread_m'), gsd_m=0.7)


@pytest.fixture(scope='module')
def content():
  @tf.function(input_signature=[tf.TensorSpec([1, None, None, 3])])
  def serve(image):
    return {'height_m': image[..., :1], 'spread_m': 2.0 * image[..., 1:2]}

  return tf.lite.TFLiteConverter.from_concrete_functions(
    [serve.get_concrete_function()], tf.Module()
  ).convert()


def test_a_description_tells_units_ranges_and_licence():
  told = metadata.describe(_CARD, side_px=256, licence='CC0-1.0')

  assert told['input']['range'] == [0, 255]
  assert told['input']['bands'] == ['red', 'green', 'blue']
  assert told['input']['gsd_m'] == 0.7
  assert told['input']['side_px'] == 256
  assert [(one['name'], one['units']) for one in told['outputs']] == [
    ('height_m', 'm'),
    ('spread_m', 'm'),
  ]
  assert told['licence'] == 'CC0-1.0'
  assert 'NaN' in told['nodata']


def test_the_file_runs_and_tells_without_anything_beside(content, tmp_path):
  path = tmp_path / 'model.tflite'
  told = metadata.describe(_CARD, side_px=None, licence=None)

  path.write_bytes(metadata.embed(content, told))

  assert not zipfile.is_zipfile(path)
  predictor = backends.open_predictor(path)
  assert predictor.card == _CARD
  image = np.random.default_rng(0).integers(0, 256, (1, 8, 16, 3), np.uint8)
  np.testing.assert_array_equal(
    predictor(image), image[..., :2] * np.float32([1, 2])
  )


def test_what_was_in_the_file_stays(content):
  told = metadata.describe(_CARD, side_px=None, licence=None)
  before, after = (
    runtime.Interpreter(model_content=one)
    for one in (content, metadata.embed(content, told))
  )
  assert before.get_signature_list() == after.get_signature_list()
  names = [
    [(one['name'], one['dtype']) for one in interpreter.get_tensor_details()]
    for interpreter in (before, after)
  ]
  assert names[0] == names[1]


def test_the_buffer_goes_before_the_archive(content, tmp_path):
  path = tmp_path / 'model.tflite'
  told = metadata.describe(_CARD, side_px=None, licence=None)
  path.write_bytes(metadata.embed(content, told))
  model_card.attach(small_models.card_of(gsd_m=9.0), path)

  assert model_card.read(path) == _CARD
  with zipfile.ZipFile(path) as archive:
    assert b'9.0' in archive.read(model_card.FILE_NAME)


def test_a_cut_file_is_a_sentence(content, tmp_path):
  path = tmp_path / 'cut.tflite'
  told = metadata.describe(_CARD, side_px=None, licence=None)
  whole = metadata.embed(content, told)
  for length in (6, 8, 40, len(whole) // 2):
    path.write_bytes(whole[:length])
    with pytest.raises(errors.ModelFileError, match=r'cut\.tflite'):
      model_card.read(path)
