import pytest
import requests

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.web import viewer
from tests import small_models


def _tflite(path):
  path.write_bytes(b'network')
  model_card.attach(small_models.card_of(), path)
  return path


def _get(url):
  return requests.get(url, timeout=10)


def test_without_a_page_it_says_how_to_build_one(
  serve, make_predictor, monkeypatch, tmp_path
):
  monkeypatch.setattr(viewer, 'PAGE', tmp_path / 'none')
  assert 'make page' in _get(serve(make_predictor())).text


def test_the_page_is_served(serve, make_predictor, monkeypatch, tmp_path):
  (tmp_path / 'index.html').write_text('<h1>Heights</h1>')
  (tmp_path / 'app.js').write_text('start()')
  monkeypatch.setattr(viewer, 'PAGE', tmp_path)
  url = serve(make_predictor())

  page = _get(url)
  assert page.text == '<h1>Heights</h1>'
  assert viewer.ISOLATED.items() <= page.headers.items()
  assert _get(f'{url}/app.js').text == 'start()'
  assert _get(f'{url}/../app_test.py').status_code == 404
  assert _get(f'{url}/v1/models/heightnet').status_code == 200


def test_the_page_gets_the_model_of_the_server_not_one_that_lay_there(
  serve, make_predictor, monkeypatch, tmp_path
):
  (tmp_path / 'model').mkdir()
  (tmp_path / 'model/height.tflite').write_bytes(b'old')
  monkeypatch.setattr(viewer, 'PAGE', tmp_path)
  file = _tflite(tmp_path / 'new.tflite')

  url = serve(make_predictor(), page_model=file)
  assert _get(url + viewer.MODEL).content == file.read_bytes()
  missing = _get(serve(make_predictor()) + viewer.MODEL)
  assert missing.status_code == 404
  assert '--page_model' in missing.text


def test_the_model_of_the_page_lies_beside_that_of_the_server(tmp_path):
  served = tmp_path / 'height.keras'
  assert viewer.page_model(str(served), None) is None
  half = _tflite(tmp_path / 'height_float16.tflite')
  assert viewer.page_model(str(served), None) == half
  file = _tflite(tmp_path / 'height.tflite')

  assert viewer.page_model(str(served), None) == file
  assert viewer.page_model(str(file), None) == file
  assert viewer.page_model('grpc://localhost/height', None) is None
  other = _tflite(tmp_path / 'other.TFLITE')
  assert viewer.page_model(str(served), str(other)) == other


def test_what_is_no_model_for_the_page(tmp_path):
  with pytest.raises(errors.ModelFileError, match='page cannot run'):
    viewer.page_model('height.keras', str(tmp_path / 'height.keras'))
  with pytest.raises(errors.ModelFileError, match='No model at'):
    viewer.page_model('height.keras', str(tmp_path / 'none.tflite'))
