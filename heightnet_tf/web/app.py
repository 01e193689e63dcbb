"""A small server for people without TensorFlow Serving.

It answers TensorFlow Serving's REST calls for files of images, and shows the
viewer page. For production there is TensorFlow Serving.
"""

import asyncio
import contextlib
import dataclasses
import pathlib
import time

from absl import logging
import anyio
import fastapi
from fastapi import responses
import numpy as np
import prometheus_client

from heightnet_tf import errors
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import scenes
from heightnet_tf.inference import served
from heightnet_tf.web import batching
from heightnet_tf.web import predictions
from heightnet_tf.web import uploads
from heightnet_tf.web import viewer

NAME = 'heightnet'
# Decoding and writing JSON take the interpreter; more would only wait.
_CODING_AT_ONCE = 2
_BODY_S = 60.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class AppOptions:
  """How much the server takes on, and what its page runs.

  Attributes:
    most_requests: requests that are in work at once; more get 429.
    most_bytes: size of a request; larger ones get 413.
    most_images: images that are predicted together.
    wait_s: how long an image waits for others, seconds.
    page_model: the `.tflite` file that the page runs, from
      `viewer.page_model`; None for a page without.
  """

  most_requests: int
  most_bytes: int
  most_images: int
  wait_s: float
  page_model: pathlib.Path | None


class RequestError(Exception):
  """A request that is answered with a status and a sentence."""

  def __init__(self, status, sentence):
    super().__init__(sentence)
    self.status = status


def build(
  predictor: predictors.Predictor, options: AppOptions
) -> fastapi.FastAPI:
  """Makes the application.

  Args:
    predictor: the model.
    options: limits, and what the page runs.

  Returns:
    The application; it ends its thread when it is shut down.

  Raises:
    errors.ModelFileError: files of images do not fit the model.
  """
  bands = len(predictor.card.bands)
  if bands not in served.FILE_BANDS:
    raise errors.ModelFileError(
      f'The model takes {bands} bands, but PNG files have {served.FILE_BANDS}. '
      'Serve it with TensorFlow Serving, which takes numbers, too.'
    )
  service = _Service(predictor, options)

  @contextlib.asynccontextmanager
  async def lifespan(app):
    del app
    yield
    await anyio.to_thread.run_sync(service.close)

  app = fastapi.FastAPI(
    lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
  )
  _add_routes(app, service)
  viewer.add(app, options.page_model)
  return app


def _add_routes(app, service):
  model = f'/v1/models/{NAME}'
  for prefix in (model, f'{model}/versions/1'):
    app.get(prefix)(service.status)
    app.get(f'{prefix}/metadata')(service.metadata)
    app.post(f'{prefix}:predict')(service.predict)
  app.get('/metrics')(service.metrics)


def _of_any_size(predictor):
  """A function for images of any size, of a model of one size, too."""
  if predictor.fixed_px is None:
    return predictor
  options = scenes.SceneOptions(
    window_px=predictor.fixed_px,
    overlap_px=predictor.fixed_px // 4,
    batch_size=1,
    scale=1.0,
  )

  def predict(images):
    return np.stack(
      [
        scenes.predict_image(
          predictor, image, options, gsd_m=None, name='image'
        )
        for image in images
      ]
    )

  return predict


class _Service:
  """What answers the calls."""

  def __init__(self, predictor, options):
    self._card = predictor.card
    self._options = options
    self._in_work = 0
    self._coding = None
    self._figures = _Figures()
    # The first prediction is slow.
    side = predictor.fixed_px or self._card.window_px
    predictor(np.zeros((1, side, side, len(self._card.bands)), np.uint8))
    self._batcher = batching.Batcher(
      _of_any_size(predictor),
      most_images=options.most_images,
      wait_s=options.wait_s,
      observe=self._figures.batch_images.observe,
    )

  def close(self):
    self._batcher.close()

  def status(self):
    state = {
      'version': '1',
      'state': 'AVAILABLE',
      'status': {'error_code': 'OK', 'error_message': ''},
    }
    return {'model_version_status': [state]}

  def metadata(self):
    definitions = {
      name: predictions.definition(name, self._card)
      for name in predictions.signatures_of(self._card)
    }
    return {
      'model_spec': {'name': NAME, 'signature_name': '', 'version': '1'},
      'metadata': {'signature_def': {'signature_def': definitions}},
    }

  def metrics(self):
    return responses.Response(
      prometheus_client.generate_latest(self._figures.registry),
      media_type=prometheus_client.CONTENT_TYPE_LATEST,
    )

  async def predict(self, request: fastapi.Request):
    """Answers `:predict`."""
    start = time.monotonic()
    status, content, headers = 200, b'', {}
    try:
      with self._room():
        content = await self._answer(await self._body(request))
    except RequestError as error:
      status, content = error.status, _error(error)
      # What is left of a body that is too large is not read.
      headers = {'Connection': 'close'} if status in (408, 413) else {}
    except uploads.UploadError as error:
      status, content = 400, _error(error)
    except fastapi.requests.ClientDisconnect:
      status = 499
    # Of this one request; the server goes on.
    except Exception as error:
      logging.exception('A request failed.')
      status, content = 500, _error(error)
    self._figures.requests.labels(code=status).inc()
    self._figures.seconds.observe(time.monotonic() - start)
    return responses.Response(
      content, status, headers, media_type='application/json'
    )

  @contextlib.contextmanager
  def _room(self):
    """Counts a request in, or refuses it."""
    if self._in_work >= self._options.most_requests:
      raise RequestError(
        429,
        f'{self._in_work} requests are in work, as many as are taken at once. '
        'Try again soon.',
      )
    self._in_work += 1
    self._figures.in_work.set(self._in_work)
    try:
      yield
    finally:
      self._in_work -= 1
      self._figures.in_work.set(self._in_work)

  async def _body(self, request):
    most = self._options.most_bytes
    content = bytearray()
    try:
      async with asyncio.timeout(_BODY_S):
        async for part in request.stream():
          content += part
          if len(content) > most:
            raise RequestError(
              413,
              f'The request is too large. Expected at most {most:,} bytes; cut '
              'the image into windows.',
            )
    except TimeoutError as error:
      raise RequestError(
        408, f'The request did not arrive within {_BODY_S:g} s.'
      ) from error
    return bytes(content)

  async def _answer(self, content):
    asked = await self._code(predictions.parse, content, self._card)
    if asked is None:
      return predictions.card_reply(self._card)
    images = await self._code(predictions.resized, asked, self._card)
    waiting = [self._batcher.submit(image) for image in images]
    maps = await asyncio.gather(*map(asyncio.wrap_future, waiting))
    return await self._code(predictions.reply, asked, maps, self._card)

  async def _code(self, function, *args):
    if self._coding is None:  # it belongs to the running loop
      self._coding = anyio.CapacityLimiter(_CODING_AT_ONCE)
    return await anyio.to_thread.run_sync(function, *args, limiter=self._coding)


class _Figures:
  """What `/metrics` shows."""

  def __init__(self):
    self.registry = prometheus_client.CollectorRegistry()
    prometheus_client.ProcessCollector(registry=self.registry)
    self.requests = prometheus_client.Counter(
      'heightnet_requests', 'Answers.', ['code'], registry=self.registry
    )
    self.seconds = prometheus_client.Histogram(
      'heightnet_request_seconds', 'Time of a request.', registry=self.registry
    )
    self.in_work = prometheus_client.Gauge(
      'heightnet_requests_in_work', 'Requests now.', registry=self.registry
    )
    self.batch_images = prometheus_client.Histogram(
      'heightnet_batch_images',
      'Images predicted together.',
      registry=self.registry,
      buckets=(1, 2, 4, 8, 16),
    )


def _error(error):
  return responses.JSONResponse({'error': str(error)}).body
