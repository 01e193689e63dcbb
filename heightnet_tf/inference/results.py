"""What is written of a scene, beside its GeoTIFF of heights."""

from collections.abc import Iterator
import dataclasses
import json
import pathlib

import numpy as np
import rasterio.windows

from heightnet_tf import files
from heightnet_tf.geo import opening
from heightnet_tf.geo import overview
from heightnet_tf.geo import writing
from heightnet_tf.pictures import figures
from heightnet_tf.pictures import views

# Rows of a height map that are read at once.
_ROWS_PX = 512
# Long side of the map of a picture, pixels.
_PICTURE_PX = 4096
_TIFF_SUFFIXES = ('.tif', '.tiff')


@dataclasses.dataclass(frozen=True, kw_only=True)
class Job:
  """One image and the files made from it; None for what is not wanted.

  Attributes:
    image: path or address of the image.
    height: its heights, a key of WRITERS by suffix.
    viz: image, heights and contours side by side.
    mask: where the objects are.
  """

  image: str
  height: pathlib.Path | None
  viz: pathlib.Path | None
  mask: pathlib.Path | None

  @property
  def outputs(self) -> list[pathlib.Path]:
    """The files that will be written."""
    return [path for path in (self.height, self.viz, self.mask) if path]

  @property
  def geotiff(self) -> pathlib.Path:
    """The GeoTIFF of heights that the rest is made of; hidden if not wanted."""
    if self.height and self.height.suffix.lower() in _TIFF_SUFFIXES:
      return self.height
    first = self.outputs[0]
    return first.with_name(f'.{first.name}.heights.tif')


def write_rest(
  job: Job,
  *,
  mask_threshold_m: float | None,
  bands: tuple[int, ...] | None,
) -> None:
  """Writes what else the job wants, each file whole or not at all.

  Args:
    job: which files; its `geotiff` is there, and goes if it is not wanted.
    mask_threshold_m: height above which a pixel is an object; None if the job
      wants no mask.
    bands: bands of the image to show; None for its own order.

  Raises:
    errors.OutputError: a file cannot be written.
  """
  if job.height and job.height != job.geotiff:
    WRITERS[job.height.suffix.lower()](job.height, job.geotiff)
  if job.mask:
    _write_mask(job.mask, job.geotiff, mask_threshold_m)
  if job.viz:
    picture = views.of_files(job.image, job.geotiff, bands=bands)
    writing.write_image(job.viz, np.asarray(picture), None)
  if job.height != job.geotiff:
    job.geotiff.unlink()


def note_done(job: Job, origin: dict) -> None:
  """Notes beside results that cannot say it themselves how they were made.

  Args:
    job: which files; all are written.
    origin: what they depend on, as JSON takes it.

  Raises:
    errors.OutputError: the note cannot be written.
  """
  if job.height != job.geotiff:
    files.write_json(_note(job), {'origin': origin, 'files': _state(job)})


def is_noted(job: Job, origin: dict) -> bool:
  """Whether `note_done` was told of this job and its files are still those."""
  try:
    noted = json.loads(_note(job).read_text(encoding='utf-8'))
  except (OSError, ValueError):
    return False
  return noted == {'origin': origin, 'files': _state(job)}


def _note(job):
  first = job.outputs[0]
  return first.with_name(f'.{first.name}.done.json')


def _state(job):
  return opening.state_of([str(path) for path in job.outputs])


def object_mask(height_m: np.ndarray, *, threshold_m: float) -> np.ndarray:
  """Marks what is taller than a threshold.

  Args:
    height_m: float32 [H, W], metres; NaN where unknown.
    threshold_m: metres.

  Returns:
    uint8 [H, W]: 1 above the threshold, 0 up to it, 255 where unknown.
  """
  taller = (height_m > threshold_m).astype(np.uint8)
  return np.where(np.isfinite(height_m), taller, np.uint8(writing.MASK_UNKNOWN))


def _rows(dataset) -> Iterator[np.ndarray]:
  """Reads heights from top to bottom, float32 [n, W]."""
  opening.hold_blocks(dataset)
  height, width = dataset.shape
  for first in range(0, height, _ROWS_PX):
    rows = min(_ROWS_PX, height - first)
    yield dataset.read(1, window=rasterio.windows.Window(0, first, width, rows))


def _write_mask(path, geotiff, threshold_m):
  with opening.opened(geotiff) as dataset:
    rows = (
      object_mask(height_m, threshold_m=threshold_m)
      for height_m in _rows(dataset)
    )
    like = opening.without_pixels(dataset, geotiff)
    writing.write_mask(path, rows, like)


def _write_array(path, geotiff):
  with opening.opened(geotiff) as dataset:
    header = {'descr': '<f4', 'fortran_order': False, 'shape': dataset.shape}
    with files.replacing(path) as scratch, scratch.open('wb') as stream:
      np.lib.format.write_array_header_1_0(stream, header)
      for height_m in _rows(dataset):
        stream.write(height_m.astype('<f4', copy=False).tobytes())


def _write_picture(path, geotiff):
  heights = overview.read_heights(geotiff, most_px=_PICTURE_PX)
  picture = figures.height_picture(heights.pixels[..., 0])
  writing.write_image(path, np.asarray(picture), None)


# A GeoTIFF is there before the rest is made of it.
WRITERS = {
  '.tif': None,
  '.tiff': None,
  '.npy': _write_array,
  '.png': _write_picture,
  '.jpg': _write_picture,
  '.jpeg': _write_picture,
}
