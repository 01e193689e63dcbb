"""What an exported model, its servers and its clients agree on; no TensorFlow.

Names of signatures, how metres are coded in 16-bit PNG files, and how much may
be asked for at once.
"""

import io

import numpy as np
import PIL.Image

SERVING_DEFAULT = 'serving_default'
IMAGE_BYTES = 'image_bytes'
IMAGE_BYTES_PNG = 'image_bytes_png'
CARD = 'card'

# Most pixels of one request: 16 windows of 512 x 512.
LIMIT_PX = 1 << 22

# Resizing by more than this, up or down, is refused: a request is resized as
# a whole.
FARTHEST_SCALE = 8.0

# Numbers of bands that PNG files have.
FILE_BANDS = (1, 3, 4)

# A height in a 16-bit PNG: centimetres from 0 to 65534; unknown.
CENTIMETRES_MOST = 65534
CENTIMETRES_UNKNOWN = 65535


def at_gsd(signature: str) -> str:
  """Names the signature that also takes `gsd_m`."""
  name = 'image' if signature == SERVING_DEFAULT else signature
  return f'{name}_at_gsd'


def png_name(output: str) -> str:
  """Names the PNG of an output: `height_cm_png_bytes` for `height_m`."""
  return f'{output.removesuffix("_m")}_cm_png_bytes'


def one_string(content: bytes) -> np.ndarray:
  """An input of a signature that takes string [N], of one."""
  return np.array([content], object)


def image_png(image: np.ndarray) -> bytes:
  """Codes an image as PNG, quickly rather than small.

  Args:
    image: uint8 [H, W, C], C one of FILE_BANDS.

  Returns:
    The file.
  """
  pixels = image[..., 0] if image.shape[2] == 1 else image
  return _png(pixels)


def centimetre_png(metres: np.ndarray) -> bytes:
  """Codes metres as `export.signatures.centimetre_pngs` does.

  Args:
    metres: float32 [H, W]; NaN where unknown.

  Returns:
    The file: below 0 is 0, above 655.34 m is 65534, unknown is 65535.
  """
  known = np.isfinite(metres)
  centimetres = np.where(known, metres, 0) * np.float32(100)
  coded = np.clip(np.rint(centimetres), 0, CENTIMETRES_MOST)
  return _png(np.where(known, coded, CENTIMETRES_UNKNOWN).astype(np.uint16))


def metres_of(content: bytes) -> np.ndarray:
  """Reads what `centimetre_png` wrote; float32 [H, W], NaN where unknown."""
  with PIL.Image.open(io.BytesIO(content), formats=('PNG',)) as picture:
    coded = np.asarray(picture)
  metres = coded.astype(np.float32) / 100
  return np.where(coded == CENTIMETRES_UNKNOWN, np.float32(np.nan), metres)


def _png(pixels):
  buffer = io.BytesIO()
  PIL.Image.fromarray(pixels).save(buffer, 'png', compress_level=1)
  return buffer.getvalue()
