import threading

import pytest
import uvicorn

from heightnet_tf.web import app
from heightnet_tf.web import running
from tests import small_models


@pytest.fixture
def make_predictor():
  """Makes a predictor that needs no network; fields of its card can be set."""
  return lambda **fields: small_models.MeanPredictor(
    small_models.card_of(**fields)
  )


@pytest.fixture
def serve():
  """Serves a predictor on a free port; gives its address."""
  started = []

  def start(predictor, **limits):
    options = app.AppOptions(
      **{
        'most_requests': 8,
        'most_bytes': 100_000,
        'most_images': 4,
        'wait_s': 0.0,
        'page_model': None,
        **limits,
      }
    )
    listener = running.listen('127.0.0.1', 0)
    server = uvicorn.Server(
      uvicorn.Config(app.build(predictor, options), log_level='error')
    )
    thread = threading.Thread(target=server.run, kwargs={'sockets': [listener]})
    thread.start()
    started.append((server, thread))
    return f'http://127.0.0.1:{listener.getsockname()[1]}'

  yield start
  for server, thread in started:
    server.should_exit = True
    thread.join()
