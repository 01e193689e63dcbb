"""A model on a server as a predictor: TensorFlow Serving or serve_main.py."""

from concurrent import futures
import dataclasses
import urllib.parse

import numpy as np

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.inference import calling
from heightnet_tf.inference import served

SCHEMES = ('grpc', 'http', 'https')
_PORTS = {'grpc': ':8500', 'http': ':8501', 'https': ''}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Patience:
  """How long and how much a server is asked.

  Attributes:
    connect_s: seconds to find the server when it is first asked.
    deadline_s: seconds for the answer to each image, with all further tries.
    parallel: most images that are on their way at once.
  """

  connect_s: float
  deadline_s: float
  parallel: int


_PATIENCE = Patience(connect_s=10.0, deadline_s=120.0, parallel=16)


class RemotePredictor:
  """A served model; see `predictor.Predictor`.

  The images of a call are sent one by one and in parallel.

  Attributes:
    card: what the model says of itself.
  """

  fixed_px = None

  def __init__(self, connection, *, server: str, patience: Patience):
    """Asks the model for its card.

    Args:
      connection: GrpcConnection or RestConnection.
      server: address, for messages.
      patience: how long and how much it is asked.

    Raises:
      errors.ServerError: no answer, or none that this project understands.
    """
    self._connection = connection
    self._server = server
    self._patience = patience
    self._pool = futures.ThreadPoolExecutor(patience.parallel)
    self.card = self._ask_card()

  def __call__(self, image: np.ndarray) -> np.ndarray:
    """Predicts heights; see `predictor.Predictor`.

    Raises:
      errors.ServerError: no answer before the deadline, or a refusal.
    """
    try:
      return np.stack(list(self._pool.map(self._predict_one, image)))
    except calling.RefusedError as error:
      raise errors.ServerError(
        f'{self._server} refused an image of {image.shape[2]} x '
        f'{image.shape[1]} pixels ({error}). Check the image, or export and '
        'serve the model anew.'
      ) from error

  def _ask_card(self):
    try:
      outputs = self._call(
        served.CARD,
        {'ask': served.one_string(b'card')},
        ('card',),
        self._patience.connect_s,
      )
      return model_card.ModelCard.from_json(outputs['card'][0].decode())
    except (calling.RefusedError, KeyError, TypeError, ValueError) as error:
      raise errors.ServerError(
        f'{self._server} does not serve a model of heightnet_tf ({error}). '
        'Check the address; serve what export_main.py --format=serving wrote.'
      ) from error

  def _predict_one(self, image):
    """Predicts [H, W, C]; float32 [H, W, K]."""
    signature, inputs = served.SERVING_DEFAULT, {}
    pixels = image.astype(np.uint8)
    names = self.card.outputs
    if image.shape[2] in served.FILE_BANDS and np.array_equal(pixels, image):
      # A file has a sixth of the size of the numbers in it.
      inputs['image_bytes'] = served.one_string(served.image_png(pixels))
      signature = served.IMAGE_BYTES
      if not self._connection.carries_floats:
        signature = served.IMAGE_BYTES_PNG
        names = tuple(served.png_name(name) for name in names)
    else:
      inputs['image'] = image[None].astype(np.float32)
    outputs = self._call(signature, inputs, names, self._patience.deadline_s)
    return np.concatenate([_metres(outputs[name][0]) for name in names], -1)

  def _call(self, signature, inputs, names, deadline_s):
    return calling.patiently(
      lambda left_s: self._connection.call(signature, inputs, names, left_s),
      deadline_s=deadline_s,
      server=self._server,
    )


def open_predictor(
  address: str, *, patience: Patience = _PATIENCE
) -> RemotePredictor:
  """Finds a served model.

  Args:
    address: `grpc://HOST:PORT/NAME`, `http://HOST:PORT/NAME`, with `/VERSION`
      behind it if it is not to be the newest.
    patience: how long and how much the server is asked.

  Returns:
    The model, ready to predict.

  Raises:
    errors.FlagError: not such an address.
    errors.ServerError: no answer, or none that this project understands.
    errors.ModelFileError: a package is missing.
  """
  scheme = urllib.parse.urlsplit(address).scheme
  return RemotePredictor(
    _connect(scheme, parse(address)), server=address, patience=patience
  )


def parse(address: str) -> calling.Address:
  """Takes an address apart; see `open_predictor`."""
  parts = urllib.parse.urlsplit(address)
  path = [
    part
    for part in parts.path.strip('/').split('/')
    if part not in ('v1', 'models', 'versions')
  ]
  name, *version = path
  if (
    parts.scheme not in SCHEMES
    or not (parts.hostname and name)
    or len(version) > 1
    or not all(part.isdecimal() for part in version)
  ):
    raise errors.FlagError(
      f'{address} is not the address of a model. Expected '
      'grpc://HOST:PORT/NAME or http://HOST:PORT/NAME.'
    )
  host = parts.netloc if parts.port else parts.netloc + _PORTS[parts.scheme]
  return calling.Address(
    host=host,
    name=name,
    version=int(version[0]) if version else None,
  )


def _connect(scheme, address):
  # Each needs packages of its own.
  if scheme == 'grpc':
    from heightnet_tf.inference import grpc_calls

    return grpc_calls.GrpcConnection(address)
  from heightnet_tf.inference import rest_calls

  return rest_calls.RestConnection(address, scheme=scheme)


def _metres(values):
  """Maps as they came: float32 [H, W, 1], or a PNG file of centimetres."""
  if isinstance(values, bytes):
    return served.metres_of(values)[..., None]
  return values
