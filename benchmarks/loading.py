"""Load on serve_main.py, and what comes of it; for serving.py."""

import base64
import collections
from concurrent import futures
import threading
import time

import numpy as np
import requests as http
import served

from heightnet_tf import errors
from heightnet_tf.inference import backends
from heightnet_tf.inference import remote
from heightnet_tf.inference import served as coding
from tests import broken_files

# Half a centimetre, and what float32 leaves.
_CENTIMETRE_M = 0.0051
_COUNT = 16
# None of them is an image by chance.
_HOPELESS = ('truncated', 'nothing', 'zeros', 'another format', 'huge PNG')
_NO_REQUESTS = ('{', '[]', '{"inputs": 3}', '{"instances": [{"b64": "!"}]}')


class Tiles:
  """Images of the load, and what the Keras model says of them."""

  def __init__(self, model, *, side_px):
    predictor = backends.open_predictor(model)
    shape = (_COUNT, side_px, side_px, len(predictor.card.bands))
    random = np.random.default_rng(0)
    self.image = random.integers(0, 256, shape, np.uint8)
    self.files = [coding.image_png(image) for image in self.image]
    self._height_m = np.maximum(predictor(self.image)[..., 0], 0)

  def is_right(self, k, height_m):
    difference_m = abs(height_m - self._height_m[k % _COUNT])
    return difference_m.max() <= _CENTIMETRE_M


class _Load:
  """Sends requests from many threads; counts and times the answers."""

  def __init__(self, url, tiles, *, malformed):
    self.counts = collections.Counter()
    self.seconds = []
    self._url = url
    self._tiles = tiles
    self._malformed = malformed
    self._own = threading.local()
    self._broken = [
      *(
        content
        for name, content in broken_files.broken_files(320, seed=1)
        if name in _HOPELESS
      ),
      *_NO_REQUESTS,
    ]

  def send(self, k):
    session = self._own.__dict__.setdefault('session', http.Session())
    # Spread evenly, not in a row.
    bad = int(k * self._malformed) != int((k + 1) * self._malformed)
    content = self._tiles.files[k % _COUNT]
    if bad:
      content = self._broken[int(k * self._malformed) % len(self._broken)]
    start = time.monotonic()
    status, reply = served.post(session, self._url, content)
    self.seconds.append(time.monotonic() - start)
    if bad:
      kind = 'malformed refused' if status == 400 else f'WRONG: {status}'
    elif status == 200 and self._tiles.is_right(k, _height(reply)):
      kind = 'right'
    else:
      kind = f'WRONG: {status}'
    self.counts[kind] += 1


def load(model, tiles, *, requests, at_once, malformed):
  """Many requests at once: answers, latency and memory.

  Args:
    model: a model file.
    tiles: Tiles of that model.
    requests: how many.
    at_once: how many of them at once.
    malformed: share of them that make no sense.

  Returns:
    Rows of figures.
  """
  memory_mb = []
  with served.small_server(model, most_requests=at_once) as (process, url):
    one = _Load(url, tiles, malformed=malformed)
    start = time.monotonic()
    with futures.ThreadPoolExecutor(at_once) as pool:
      for k, _ in enumerate(pool.map(one.send, range(requests))):
        if k in (requests // 10, requests // 2, requests - 1):
          memory_mb.append(process.memory_mb())
    took_s = time.monotonic() - start
    peak_mb, alive = process.memory_mb('VmHWM'), process.is_alive()
  return [
    dict(one.counts) | {'crashes': 0 if alive else 1},
    {
      f'p{share} (ms)': round(1e3 * float(np.percentile(one.seconds, share)))
      for share in (50, 90, 99, 100)
    }
    | {'requests a second': round(requests / took_s, 1)},
    {
      'MB after a tenth, a half, all': memory_mb,
      'peak (MB)': peak_mb,
    },
  ]


def _height(reply):
  outputs = reply['outputs']
  if isinstance(outputs, dict):
    outputs = outputs[coding.png_name('height_m')]
  return coding.metres_of(base64.b64decode(outputs[0]['b64']))


def restart(model, tiles, *, images, at_once, kills):
  """Kills the server under load: what does the client get?

  Args:
    model: a model file.
    tiles: Tiles of that model.
    images: how many are sent.
    at_once: how many of them at once.
    kills: how often the server is killed and started again.

  Returns:
    Rows of figures.
  """
  index = np.arange(images) % _COUNT
  patience = remote.Patience(connect_s=60.0, deadline_s=300.0, parallel=at_once)
  with served.small_server(model, most_requests=at_once) as (process, url):
    client = remote.open_predictor(f'{url}/heightnet', patience=patience)
    start = time.monotonic()
    client(tiles.image[index[: images // 10]])
    pause_s = 10 * (time.monotonic() - start) / (kills + 1)
    start = time.monotonic()
    with served.killed(process, [pause_s] * kills) as moments:
      try:
        height_m, lost = client(tiles.image[index])[..., 0], 0
      except errors.ServerError as error:
        print(error)
        height_m, lost = [], images
      end = time.monotonic()
  wrong = sum(not tiles.is_right(k, one) for k, one in enumerate(height_m))
  return [
    {
      'images': images,
      'kills': process.starts - 1,
      'while requests were in work': sum(moment < end for moment in moments),
      'lost': lost,
      'wrong': wrong,
      'seconds': round(end - start, 1),
    }
  ]
