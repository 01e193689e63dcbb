"""What a `.tflite` file says of itself, in a metadata buffer of its own.

The buffer is part of the model: tools that read and write the flatbuffer keep
it, and whoever shows a model's metadata shows this text. The card alone is
appended as a zip archive, too (`model_card.attach`), where `unzip` finds it.
"""

import dataclasses
import json

from ai_edge_litert import schema_py_generated as schema
import flatbuffers

from heightnet_tf import model_card

_IDENTIFIER = b'TFL3'
_MEANINGS = {
  model_card.HEIGHT: 'height above ground',
  model_card.SPREAD: 'scale b of a Laplace distribution around the height',
}


def describe(
  card: model_card.ModelCard, *, side_px: int | None, licence: str | None
) -> dict:
  """Puts into words and numbers what a program must know to use a file.

  Args:
    card: of the model.
    side_px: the height and width that it takes; None for any multiple of
      `card.stride_px`.
    licence: of the model; None if nobody says.

  Returns:
    dict that JSON can hold; `card` is the whole card.
  """
  return {
    'input': {
      'layout': '[1, height, width, band]',
      'range': [0, 255],
      'bands': list(card.bands),
      'gsd_m': card.gsd_m,
      'side_px': side_px,
      'multiple_of_px': card.stride_px,
    },
    'outputs': [
      {
        'name': name,
        'layout': '[1, height, width, 1]',
        'units': 'm',
        'meaning': _MEANINGS.get(name, name),
      }
      for name in card.outputs
    ],
    'quantisation': 'integers stand for scale * (value - zero_point)',
    'nodata': 'every pixel gets a height; make NaN what the image knows not',
    'licence': licence,
    'card': dataclasses.asdict(card),
  }


def embed(content: bytes, description: dict) -> bytes:
  """Adds a description to a `.tflite` file as `model_card.FILE_NAME`.

  Args:
    content: of the file.
    description: as of `describe`.

  Returns:
    Content with one more buffer, and a metadata entry that names it.
  """
  model = schema.ModelT.InitFromPackedBuf(content, 0)
  buffer = schema.BufferT()
  buffer.data = json.dumps(description, indent=1).encode()
  entry = schema.MetadataT()
  entry.name, entry.buffer = model_card.FILE_NAME, len(model.buffers)
  model.buffers.append(buffer)
  model.metadata = [*(model.metadata or []), entry]
  builder = flatbuffers.Builder(len(content) + len(buffer.data) + 1024)
  builder.Finish(model.Pack(builder), _IDENTIFIER)
  return bytes(builder.Output())
