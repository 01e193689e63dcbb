"""What a model file says of itself, carried inside the file.

A `.keras` file is a zip archive and takes one more member; a `.tflite` file
takes a zip archive after its end, as TensorFlow Lite's metadata does, and has
it in a metadata buffer (`export/metadata.py`), which is read first; a
SavedModel is a folder and takes one more file.
"""

import dataclasses
import json
import pathlib
import struct
import zipfile

from heightnet_tf import errors

FILE_NAME = 'heightnet.json'
_TFLITE = b'TFL3'

# Names of what is predicted for a pixel.
HEIGHT = 'height_m'
SPREAD = 'spread_m'
DISAGREEMENT = 'disagreement_m'


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelCard:
  """Facts about a trained model.

  Attributes:
    gsd_m: ground size of one pixel that the network sees, metres; None if the
      training images had no georeference.
    scale: factor on the size of images whose ground size is unknown.
    bands: names of the image's bands, in order.
    window_px: side of the training crops, pixels the network sees.
    stride_px: height and width that the network takes are multiples of it.
    network: name and arguments of the network.
    weighting: name, arguments, bin edges, counts and weights of the training.
    training_data: name, version and number of pairs of each source.
    training_median_m: median of the known training heights, metres.
    accuracy: measured errors, as named by `heights.error_sums`.
    made_by: version of this package that wrote the file.
    outputs: names of what it predicts for a pixel, in order; `height_m` first,
      then `spread_m` (scale of a Laplace distribution, metres) if it has one.
    spread_temperature: factor on the spread, fitted on validation data and
      applied inside the model; None without a spread.
    height_factor: by which heights were multiplied after training, inside the
      model.
  """

  gsd_m: float | None
  scale: float
  bands: tuple[str, ...]
  window_px: int
  stride_px: int
  network: dict
  weighting: dict
  training_data: list[dict]
  training_median_m: float
  accuracy: dict
  made_by: str
  outputs: tuple[str, ...] = (HEIGHT,)
  spread_temperature: float | None = None
  height_factor: float = 1.0

  def to_json(self) -> str:
    return json.dumps(dataclasses.asdict(self), indent=2)

  @classmethod
  def from_json(cls, text: str) -> 'ModelCard':
    fields = json.loads(text)
    fields['bands'] = tuple(fields['bands'])
    fields['outputs'] = tuple(fields.get('outputs', (HEIGHT,)))
    return cls(**fields)


def band_names(count: int) -> tuple[str, ...]:
  """Names for the bands of an image: colours if it is a colour image."""
  if count == 3:
    return ('red', 'green', 'blue')
  return tuple(f'band{index + 1}' for index in range(count))


def attach(card: ModelCard, path) -> None:
  """Adds the card to a finished `.keras`, `.tflite` or SavedModel folder."""
  path = pathlib.Path(path)
  if path.is_dir():
    folder = path / 'assets.extra'
    folder.mkdir(exist_ok=True)
    (folder / FILE_NAME).write_text(card.to_json(), encoding='utf-8')
    return
  with zipfile.ZipFile(path, 'a') as archive:
    archive.writestr(FILE_NAME, card.to_json())


def read(path) -> ModelCard:
  """Reads the card of a model file.

  Args:
    path: a `.keras` or `.tflite` file or a SavedModel folder.

  Returns:
    The model's card.

  Raises:
    errors.ModelFileError: no such file, or not one that this project wrote.
  """
  path = pathlib.Path(path)
  if not path.exists():
    raise errors.ModelFileError(
      f'No model at {path}. Expected a .keras or .tflite file or a SavedModel '
      'folder.'
    )
  try:
    if path.is_dir():
      text = (path / 'assets.extra' / FILE_NAME).read_text(encoding='utf-8')
    else:
      text = _embedded(path) or _zipped(path)
    return ModelCard.from_json(text)
  except (
    OSError,
    KeyError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
  ) as error:
    raise errors.ModelFileError(
      f'{path} is not a model of heightnet_tf, or is damaged ({error}). '
      'Expected a file that train_main.py or export_main.py wrote.'
    ) from error


def _embedded(path) -> str | None:
  """The card in the metadata buffer of a `.tflite` file, if there is one."""
  content = path.read_bytes() if path.suffix.lower() == '.tflite' else b''
  if content[4:8] != _TFLITE:
    return None
  from ai_edge_litert import schema_py_generated as schema

  try:
    model = schema.Model.GetRootAs(content)
    for k in range(model.MetadataLength()):
      entry = model.Metadata(k)
      if entry.Name() == FILE_NAME.encode():
        buffer = model.Buffers(entry.Buffer()).DataAsNumpy()
        return json.dumps(json.loads(buffer.tobytes())['card'])
  except (AttributeError, IndexError, struct.error) as error:
    raise ValueError(error) from error
  return None


def _zipped(path) -> str:
  with zipfile.ZipFile(path) as archive:
    return archive.read(FILE_NAME).decode()
