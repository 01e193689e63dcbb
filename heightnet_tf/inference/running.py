"""Predicting image files: from the file to the finished results."""

import dataclasses
import hashlib
import json
import pathlib

import rasterio
import rasterio.errors
import tqdm

import heightnet_tf
from heightnet_tf import errors
from heightnet_tf.geo import opening
from heightnet_tf.geo import scene_rows
from heightnet_tf.geo import unfinished
from heightnet_tf.inference import memory
from heightnet_tf.inference import notes
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import results
from heightnet_tf.inference import scenes

_ORIGIN = 'HEIGHTNET_ORIGIN'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
  """How image files are predicted.

  Attributes:
    scene: windows and scale.
    gsd_m: ground size of a pixel, metres, where an image does not tell.
    bands: bands of the images to take, from 1; None for their own order.
    nodata: value of the images that means unknown, besides what they say; or
      None.
    mask_threshold_m: height above which a pixel is an object, or None.
    models: what tells the models apart from others; see `digest_of`.
    tta: whether they see every image turned, too.
  """

  scene: scenes.SceneOptions
  gsd_m: float | None
  bands: tuple[int, ...] | None
  nodata: float | None
  mask_threshold_m: float | None
  models: tuple[str, ...]
  tta: bool


class Task:
  """One image on its way to its results; to be used in a `with`.

  Attributes:
    job: which files.
    scene: the pixels.
    plan: how the windows lie.
  """

  def __init__(
    self,
    job: results.Job,
    predictor: predictors.Predictor,
    options: Options,
  ):
    """Opens the image and plans; nothing is written.

    Args:
      job: which files.
      predictor: the model.
      options: how to predict.

    Raises:
      errors.HeightnetError: the image, or its place, does not suit the model.
    """
    memory.map_large_blocks()
    self.job = job
    self._predictor = predictor
    self._options = options
    card = predictor.card
    self.scene = scene_rows.FileRows(
      job.image,
      band_count=len(card.bands),
      bands=options.bands,
      nodata=options.nodata,
    )
    try:
      self.plan = scenes.plan_scene(
        predictor, self.scene.place, options.scene, gsd_m=options.gsd_m
      )
    except errors.HeightnetError:
      self.scene.__exit__()
      raise
    self._file = unfinished.Unfinished(
      job.geotiff, self.scene.place, card.outputs
    )

  def __enter__(self):
    return self

  def __exit__(self, *_):
    self.scene.__exit__()
    memory.give_back()

  @property
  def origin(self) -> dict:
    """What the heights depend on."""
    options = dataclasses.asdict(self._options)
    del options['mask_threshold_m']
    return {
      'version': heightnet_tf.__version__,
      'image': self.scene.state,
      'model': dataclasses.asdict(self._predictor.card),
      'options': options,
    }

  @property
  def digest(self) -> str:
    """A short form of `origin`."""
    told = json.dumps(self.origin, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()

  def is_done(self) -> bool:
    """Whether the GeoTIFF is there, made from this image in this way."""
    try:
      with opening.open_quietly(self.job.geotiff) as dataset:
        return dataset.tags().get(_ORIGIN) == self.digest
    except rasterio.errors.RasterioError:
      return False

  def run(self, *, quiet: bool) -> int:
    """Predicts what is not yet there, and puts the GeoTIFF into place.

    Args:
      quiet: without a progress bar.

    Returns:
      Pixels that could not be read; their heights are unknown.

    Raises:
      errors.HeightnetError: it cannot be read or written.
    """
    with self.claimed(alone=True):
      missing = self.missing()
      rows = sum(stop - first for first, stop in missing)
      height = self.scene.shape[0]
      # Nothing to watch in a small image; nobody to watch outside a terminal.
      silent = True if quiet or height <= scenes.CHUNK_PX else None
      with tqdm.tqdm(
        desc=pathlib.PurePath(self.job.image).name,
        total=height,
        initial=height - rows,
        unit='row',
        leave=False,
        disable=silent,
      ) as bar:
        for span in missing:
          self.predict(span, bar.update)
      return self.finish()

  def claimed(self, *, alone: bool):
    """Claims the place of the results; see `unfinished.Unfinished.claimed`."""
    return self._file.claimed(self.origin, alone=alone)

  def missing(self) -> list[tuple[int, int]]:
    """Spans of rows that are not yet predicted."""
    return self._file.missing(scenes.CHUNK_PX)

  def predict(self, span: tuple[int, int], progress) -> None:
    """Predicts rows and writes them.

    Args:
      span: first row, as of `missing` or CHUNK_PX and its multiples later, and
        the row after the last one.
      progress: called with the number of rows that became finished.
    """
    chunks = scenes.predict_rows(self._predictor, self.scene, self.plan, span)
    for first, values in chunks:
      stop = first + len(values)
      self._file.write(first, values, self.scene.unreadable(first, stop))
      progress(len(values))
      # Gone before the next ones are made.
      del values

  def finish(self) -> int:
    """Puts the finished rows together; returns pixels that were unreadable."""
    self.scene.check_unchanged()
    factors = ' '.join(f'{factor:.6g}' for factor in self.plan.factors)
    tags = {
      'SOFTWARE': f'heightnet_tf {heightnet_tf.__version__}',
      'IMAGE_BANDS': ','.join(map(str, self.scene.look.indices)),
      'NETWORK_PIXELS_PER_IMAGE_PIXEL': factors,
      _ORIGIN: self.digest,
    }
    if self.scene.look.stretch is not None:
      tags['IMAGE_STRETCH'] = self.scene.look.ranges()
    return self._file.finish(tags)


def run(
  job: results.Job, predictor: predictors.Predictor, options: Options
) -> int:
  """Predicts an image file and writes all results.

  Started again after an interruption it goes on where it was.

  Args:
    job: which files.
    predictor: the model.
    options: how to predict.

  Returns:
    Pixels that could not be read; their heights are unknown.

  Raises:
    errors.HeightnetError: something cannot be read or written.
  """
  with Task(job, predictor, options) as task:
    notes.show(
      notes.of_bands(task.scene, bands=options.bands)
      + notes.of_size(
        task.scene.place,
        predictor.card,
        scale=options.scene.scale,
        gsd_m=options.gsd_m,
      )
    )
    unreadable = task.run(quiet=False)
    notes.show(notes.of_black(task.scene))
  results.write_rest(
    job, mask_threshold_m=options.mask_threshold_m, bands=options.bands
  )
  return unreadable


def require_whole(unreadable: dict[str, int]) -> None:
  """Checks, when all is written, that all could be read.

  Args:
    unreadable: image to pixels that could not be read.

  Raises:
    errors.InputError: of some image not all could.
  """
  damaged = {image: count for image, count in unreadable.items() if count}
  if damaged:
    listed = ', '.join(f'{k} ({count} pixels)' for k, count in damaged.items())
    raise errors.InputError(
      f'Parts of {listed} are damaged and could not be read. Their heights are '
      'unknown, all others are written.'
    )


def digest_of(path) -> str:
  """Tells a model file or folder, or an address, from another.

  Args:
    path: as given to `backends.open_predictor`.

  Returns:
    SHA-256 of the contents; of the address where there is no file.
  """
  path, digest = pathlib.Path(path), hashlib.sha256()
  found = sorted(path.rglob('*')) if path.is_dir() else [path]
  if not path.exists():
    digest.update(str(path).encode())
  for file in found:
    if file.is_file():
      digest.update(str(file.relative_to(path)).encode())
      with file.open('rb') as stream:
        digest.update(hashlib.file_digest(stream, 'sha256').digest())
  return digest.hexdigest()
