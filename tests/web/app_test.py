import base64
from concurrent import futures
import threading

import numpy as np
import pytest
import requests

from heightnet_tf import errors
from heightnet_tf.inference import remote
from heightnet_tf.inference import served
from heightnet_tf.web import app

IMAGE = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
PATIENCE = remote.Patience(connect_s=10.0, deadline_s=30.0, parallel=4)
MODEL = '/v1/models/heightnet'


def _post(url, image=IMAGE, signature='image_bytes', **options):
  file = {'b64': base64.b64encode(served.image_png(image)).decode()}
  body = {'signature_name': signature, 'inputs': {'image_bytes': [file]}}
  return requests.post(
    f'{url}{MODEL}:predict', json=body, timeout=30, **options
  )


class _Waiting:
  """A predictor that waits to be let go, from its second call on."""

  def __init__(self, predictor):
    self.card, self.fixed_px = predictor.card, None
    self._predictor = predictor
    self.go = threading.Event()
    self.go.set()
    self.begun = threading.Event()

  def __call__(self, image):
    self.begun.set()
    assert self.go.wait(20)
    return self._predictor(image)


@pytest.mark.parametrize('outputs', [('height_m',), ('height_m', 'spread_m')])
def test_the_client_predicts_as_the_model(serve, make_predictor, outputs):
  predictor = make_predictor(outputs=outputs)
  client = remote.open_predictor(
    f'{serve(predictor)}/heightnet', patience=PATIENCE
  )
  image = np.stack([IMAGE] * 9)

  assert client.card == predictor.card
  np.testing.assert_allclose(client(image), predictor(image), atol=0.0051)


def test_a_model_of_one_size_takes_every_size(serve, make_predictor):
  predictor = make_predictor()
  predictor.fixed_px = 8
  client = remote.open_predictor(
    f'{serve(predictor)}/heightnet', patience=PATIENCE
  )
  for shape in ((1, 3, 5, 3), (1, 21, 9, 3)):
    image = np.resize(IMAGE, shape)
    expected_m = image.mean(-1, keepdims=True) / 10
    np.testing.assert_allclose(client(image), expected_m, atol=0.0051)


def test_what_tensorflow_serving_says_of_a_model(serve, make_predictor):
  url = serve(make_predictor()) + MODEL

  status = requests.get(url, timeout=10).json()
  metadata = requests.get(f'{url}/metadata', timeout=10).json()

  assert status['model_version_status'][0]['state'] == 'AVAILABLE'
  definitions = metadata['metadata']['signature_def']['signature_def']
  assert set(definitions) == {
    'image_bytes',
    'image_bytes_png',
    'image_bytes_at_gsd',
    'image_bytes_png_at_gsd',
  }
  assert set(definitions['image_bytes_png_at_gsd']['inputs']) == {
    'image_bytes',
    'gsd_m',
  }


def test_a_bad_request_gets_a_sentence_and_the_next_an_answer(
  serve, make_predictor
):
  url = serve(make_predictor())

  bad = requests.post(f'{url}{MODEL}:predict', data=b'{', timeout=10)
  good = _post(url)

  assert bad.status_code == 400
  assert 'not understood' in bad.json()['error']
  np.testing.assert_allclose(
    good.json()['outputs'],
    IMAGE.mean(-1, keepdims=True)[None] / 10,
    atol=1e-4,
  )


def test_a_request_that_is_too_large(serve, make_predictor):
  url = serve(make_predictor(), most_bytes=1000)

  reply = requests.post(f'{url}{MODEL}:predict', data=b' ' * 1001, timeout=10)

  assert reply.status_code == 413
  assert 'at most 1,000 bytes' in reply.json()['error']


def test_too_many_requests_at_once(serve, make_predictor):
  waiting = _Waiting(make_predictor())
  url = serve(waiting, most_requests=1)
  waiting.go.clear()
  waiting.begun.clear()

  with futures.ThreadPoolExecutor(1) as pool:
    first = pool.submit(_post, url)
    assert waiting.begun.wait(10)
    second = _post(url)
    waiting.go.set()

  assert (first.result().status_code, second.status_code) == (200, 429)
  assert 'Try again' in second.json()['error']
  assert _post(url).status_code == 200


def test_a_failing_model_is_an_error_of_one_request(
  serve, make_predictor, monkeypatch
):
  predictor = make_predictor()
  url = serve(predictor)
  with monkeypatch.context() as patched:
    patched.setattr(type(predictor), '__call__', lambda *_: np.zeros(0)[1])
    assert _post(url).status_code == 500

  assert _post(url).status_code == 200


def test_figures(serve, make_predictor):
  url = serve(make_predictor())
  for _ in range(3):
    _post(url)
  requests.post(f'{url}{MODEL}:predict', data=b'{', timeout=10)

  text = requests.get(f'{url}/metrics', timeout=10).text

  assert 'heightnet_requests_total{code="200"} 3.0' in text
  assert 'heightnet_requests_total{code="400"} 1.0' in text
  assert 'heightnet_request_seconds_count 4.0' in text
  assert 'heightnet_requests_in_work 0.0' in text
  assert 'heightnet_batch_images_count 3.0' in text


def test_bands_that_no_file_has(make_predictor):
  options = app.AppOptions(
    most_requests=1,
    most_bytes=1,
    most_images=1,
    wait_s=0.0,
    page_model=None,
  )
  with pytest.raises(errors.ModelFileError, match='takes 2 bands'):
    app.build(make_predictor(bands=('a', 'b')), options)
