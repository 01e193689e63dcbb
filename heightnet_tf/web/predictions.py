"""TensorFlow Serving's `:predict` in JSON, for files of images.

https://www.tensorflow.org/tfx/serving/api_rest#predict_api
"""

import base64
import dataclasses
import json
import math
from typing import Any

import numpy as np

from heightnet_tf import model_card
from heightnet_tf.geo import resampling
from heightnet_tf.inference import served
from heightnet_tf.web import uploads

# Numbers in replies are rounded to a tenth of a millimetre.
_DECIMALS = 4
_EXAMPLE = (
  '{"signature_name": "image_bytes_png", "inputs": {"image_bytes": '
  '[{"b64": "..."}]}}'
)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
  """What a request asks for.

  Attributes:
    images: uint8 [H, W, C] each, as sent.
    gsd_m: ground size of their pixels, metres; None if they are as the network
      wants them.
    png: whether heights go back as PNG files.
    rows: whether the request had `instances`, and not `inputs`.
  """

  images: list[np.ndarray]
  gsd_m: float | None
  png: bool
  rows: bool


def signatures_of(card: model_card.ModelCard) -> list[str]:
  """Names the signatures for files of images."""
  names = [served.IMAGE_BYTES, served.IMAGE_BYTES_PNG]
  if card.gsd_m is not None:
    names += [served.at_gsd(name) for name in names]
  return names


def definition(signature: str, card: model_card.ModelCard) -> dict[str, Any]:
  """Describes a signature as TensorFlow Serving does.

  Args:
    signature: one of `signatures_of(card)`.
    card: of the model.

  Returns:
    SignatureDef as JSON.
  """
  inputs = {'image_bytes': _tensor('DT_STRING', -1)}
  if signature.endswith('_at_gsd'):
    inputs['gsd_m'] = _tensor('DT_FLOAT', -1)
  if signature.startswith(served.IMAGE_BYTES_PNG):
    outputs = {
      served.png_name(name): _tensor('DT_STRING', -1) for name in card.outputs
    }
  else:
    outputs = {
      name: _tensor('DT_FLOAT', -1, -1, -1, 1) for name in card.outputs
    }
  return {
    'inputs': inputs,
    'outputs': outputs,
    'method_name': 'tensorflow/serving/predict',
  }


def parse(content: bytes, card: model_card.ModelCard) -> Asked | None:
  """Reads a request.

  Args:
    content: JSON.
    card: of the model.

  Returns:
    What is asked for; None if it is the card.

  Raises:
    uploads.UploadError: the request makes no sense.
  """
  try:
    body = json.loads(content)
    signature = body.get('signature_name', served.SERVING_DEFAULT)
    if signature == served.CARD:
      return None
    _check_signature(signature, card)
    files, grounds = _columns(body)
  # As many kinds as there are ways of not being such an object.
  except (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
  ) as error:
    raise uploads.UploadError(
      f'The request is not understood ({type(error).__name__}: {error}). '
      f'Expected JSON like {_EXAMPLE}.'
    ) from error
  images = uploads.decode(files, bands=len(card.bands))
  return Asked(
    images=images,
    gsd_m=_ground(signature, grounds, images, card),
    png=signature.startswith(served.IMAGE_BYTES_PNG),
    rows='instances' in body,
  )


def _check_signature(signature, card):
  if signature not in signatures_of(card):
    raise uploads.UploadError(
      f'No signature {signature!r} here. Expected "signature_name" to be one '
      f'of {", ".join(signatures_of(card))}; TensorFlow Serving has more.'
    )


def _columns(body):
  """Reads files and ground sizes from `inputs` or `instances`."""
  if 'instances' in body:
    rows = [
      {'image_bytes': row} if 'b64' in row else row for row in body['instances']
    ]
    files = [row['image_bytes'] for row in rows]
    grounds = [row['gsd_m'] for row in rows if 'gsd_m' in row]
  else:
    inputs = body['inputs']
    # A single input may come without its name.
    inputs = inputs if isinstance(inputs, dict) else {'image_bytes': inputs}
    files, grounds = inputs['image_bytes'], inputs.get('gsd_m', [])
  files = [base64.b64decode(file['b64'], validate=True) for file in files]
  return files, [float(ground) for ground in grounds]


def _ground(signature, grounds, images, card):
  """Checks `gsd_m`, which the signatures that take it need."""
  if not signature.endswith('_at_gsd'):
    if grounds:
      raise uploads.UploadError(
        f'{signature} takes no gsd_m. Expected {served.at_gsd(signature)}.'
      )
    return None
  if len(grounds) != len(images) or len(set(grounds)) != 1:
    raise uploads.UploadError(
      'gsd_m does not fit. Expected one value for each image, all the same.'
    )
  gsd_m = grounds[0]
  factor, farthest = gsd_m / card.gsd_m, served.FARTHEST_SCALE
  if not 1 / farthest <= factor <= farthest:
    raise uploads.UploadError(
      f'gsd_m={gsd_m:g} does not fit. Expected metres a pixel, at most a '
      f"factor of {farthest:g} from the model's {card.gsd_m:g}."
    )
  shape = resampling.scaled(images[0].shape[:2], factor)
  if len(images) * math.prod(shape) > served.LIMIT_PX:
    raise uploads.UploadError(
      f'The request has too many pixels at the {card.gsd_m:g} m of the model. '
      f'Expected at most {served.LIMIT_PX:,}; cut the image into windows.'
    )
  return gsd_m


def resized(asked: Asked, card: model_card.ModelCard) -> list[np.ndarray]:
  """Brings images to the pixels that the network knows."""
  if asked.gsd_m is None:
    return asked.images
  factor = asked.gsd_m / card.gsd_m
  return [
    resampling.resize_image(image, resampling.scaled(image.shape[:2], factor))
    for image in asked.images
  ]


def reply(
  asked: Asked, maps: list[np.ndarray], card: model_card.ModelCard
) -> bytes:
  """Writes the answer.

  Args:
    asked: the request.
    maps: float32 [H, W, K] each, as predicted.
    card: of the model.

  Returns:
    JSON.
  """
  columns = {}
  for k, name in enumerate(card.outputs):
    metres = [_back(one[..., k], asked) for one in maps]
    if asked.png:
      columns[served.png_name(name)] = [_b64(one) for one in metres]
    else:
      columns[name] = [
        np.round(one[..., None].astype(float), _DECIMALS).tolist()
        for one in metres
      ]
  return _in_layout(columns, rows=asked.rows)


def card_reply(card: model_card.ModelCard) -> bytes:
  """Writes the answer to the signature `card`, asked for once."""
  return _in_layout({served.CARD: [card.to_json()]}, rows=False)


def _back(metres, asked):
  """Brings a map to the pixels that were sent."""
  return resampling.resize_height(metres, asked.images[0].shape[:2])


def _b64(metres):
  content = served.centimetre_png(metres)
  return {'b64': base64.b64encode(content).decode()}


def _in_layout(columns, *, rows):
  """As TensorFlow Serving: a single output goes without its name."""
  single = len(columns) == 1
  if rows:
    each = zip(*columns.values(), strict=True)
    predictions = [
      row[0] if single else dict(zip(columns, row, strict=True)) for row in each
    ]
    return json.dumps({'predictions': predictions}).encode()
  outputs = next(iter(columns.values())) if single else columns
  return json.dumps({'outputs': outputs}).encode()


def _tensor(kind, *sides):
  dim = [{'size': str(side), 'name': ''} for side in sides]
  return {
    'dtype': kind,
    'tensor_shape': {'dim': dim, 'unknown_rank': False},
    'name': '',
  }
