"""A large GeoTIFF in the making, which outlives the process that makes it.

Finished rows lie in files of their own, in a hidden folder beside the target.
The same command finds them there and goes on; at the end they become one Cloud
Optimized GeoTIFF that is renamed into place.
"""

from collections.abc import Iterator
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import sys
import xml.etree.ElementTree as ET

import numpy as np

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf.geo import opening
from heightnet_tf.geo import raster
from heightnet_tf.geo import writing

_UNREADABLE = 'UNREADABLE_PIXELS'
_KNOWN = 'KNOWN_PIXELS'
# Steps of the values in a metre. What is finer says nothing about heights, and
# would be two fifths of the file.
_STEPS = 1024


class Unfinished:
  """Rows of float32 bands that are finished, of a file that is not.

  Attributes:
    path: the file that is being made.
    folder: where the rows lie.
  """

  def __init__(self, path, place: raster.Raster, names: tuple[str, ...]):
    """Describes a file; nothing is written yet.

    Args:
      path: a GeoTIFF.
      place: Raster whose shape, CRS and transform it gets.
      names: of its bands.
    """
    self.path = pathlib.Path(path)
    self.folder = self.path.with_name(f'.{self.path.name}.unfinished')
    self._place = place
    self._names = names

  @contextlib.contextmanager
  def claimed(self, origin: dict, *, alone: bool = True) -> Iterator[None]:
    """Claims the folder for what is made of some origin.

    Args:
      origin: what the rows are made from and how, as JSON takes it.
      alone: whether no other process may write rows meanwhile. Whoever is
        alone throws rows of another origin away.

    Raises:
      errors.OutputError: another process is writing, or nothing can be.
    """
    with self._lock(alone):
      self._check_origin(json.dumps(origin, sort_keys=True), alone)
      try:
        yield
      except errors.InputError:
        # What cannot be read now cannot be continued.
        if alone:
          self.discard()
        raise

  def missing(self, rows: int) -> list[tuple[int, int]]:
    """The spans of rows not yet written.

    Args:
      rows: as many belong to a file, but for the last one.

    Returns:
      First row, and row after the last one, of each gap.
    """
    height = self._place.shape[0]
    gaps = []
    for first in range(0, height, rows):
      if self._rows_file(first).exists():
        continue
      stop = min(first + rows, height)
      if gaps and gaps[-1][1] == first:
        gaps[-1] = gaps[-1][0], stop
      else:
        gaps.append((first, stop))
    return gaps

  def write(self, first: int, values: np.ndarray, unreadable: int) -> None:
    """Writes rows, whole or not at all.

    Args:
      first: the first row.
      values: float32 [n, W, K], metres; rounded to 1/1024 m.
      unreadable: pixels of the scene there that could not be read.
    """
    known = int(np.isfinite(values[..., 0]).sum())
    writing.write_rows(
      self._rows_file(first),
      values,
      steps=_STEPS,
      tags={_UNREADABLE: str(unreadable), _KNOWN: str(known)},
    )

  def finish(self, tags: dict[str, str]) -> int:
    """Puts all rows together and the file into place.

    Args:
      tags: what the file says of itself.

    Returns:
      Pixels of the scene that could not be read.

    Raises:
      errors.InputError: the scene knows no pixel.
      errors.OutputError: the file cannot be written.
    """
    unreadable = known = 0
    parts = []
    for path in sorted(self.folder.glob('rows_*.tif')):
      with opening.open_quietly(path) as dataset:
        unreadable += int(dataset.tags()[_UNREADABLE])
        known += int(dataset.tags()[_KNOWN])
        parts.append((path, dataset.height))
    if not known:
      raise errors.InputError(
        f'{self._place.path} knows no pixel: all of it is nodata, masked or '
        'transparent. Nothing is written.'
      )
    if unreadable:
      tags = {**tags, _UNREADABLE: str(unreadable)}
    mosaic = self.folder / 'all.vrt'
    mosaic.write_text(self._mosaic(parts, tags), encoding='utf-8')
    whole = self.folder / 'all.tif'
    paths = [path for path, _ in parts]
    writing.write_cloud_optimized(whole, mosaic, parts=paths, steps=_STEPS)
    try:
      os.replace(whole, self.path)
    except OSError as error:
      raise files.output_error(self.path, error) from error
    self.discard()
    return unreadable

  def discard(self) -> None:
    """Throws away what was written."""
    shutil.rmtree(self.folder, ignore_errors=True)

  def _rows_file(self, first):
    return self.folder / f'rows_{first:09d}.tif'

  def _check_origin(self, told, alone):
    note = self.folder / 'origin.json'
    if note.exists() and note.read_text(encoding='utf-8') == told:
      return
    if alone:
      if list(self.folder.glob('rows_*')):
        print(
          f'{self.path.name} was begun from another image, model or options; '
          'starting afresh.',
          file=sys.stderr,
        )
      self._empty()
    elif note.exists():
      raise errors.OutputError(
        f'{self.path} is being made from another image, model or options. '
        'Start again.'
      )
    files.write_text(note, told)

  def _empty(self):
    for path in self.folder.iterdir():
      if path.name == 'lock':
        continue
      shutil.rmtree(path) if path.is_dir() else path.unlink()

  @contextlib.contextmanager
  def _lock(self, alone):
    try:
      self.folder.mkdir(parents=True, exist_ok=True)
      with (self.folder / 'lock').open('w') as lock:
        fcntl.flock(
          lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB
        )
        yield
    except BlockingIOError as error:
      raise errors.OutputError(
        f'Another process is writing {self.path}. Wait for it, or choose '
        'another --output.'
      ) from error
    except OSError as error:
      raise files.output_error(self.path, error) from error
    finally:
      if alone and not list(self.folder.glob('rows_*')):
        self.discard()

  def _mosaic(self, parts, tags) -> str:
    """A virtual raster of all rows, as GDAL's VRT format describes one."""
    height, width = self._place.shape
    root = ET.Element(
      'VRTDataset', rasterXSize=str(width), rasterYSize=str(height)
    )
    if self._place.crs:
      ET.SubElement(root, 'SRS').text = self._place.crs.to_wkt()
    if self._place.transform:
      ET.SubElement(root, 'GeoTransform').text = ', '.join(
        repr(float(value)) for value in self._place.transform.to_gdal()
      )
    metadata = ET.SubElement(root, 'Metadata')
    for key, value in tags.items():
      ET.SubElement(metadata, 'MDI', key=key).text = value
    for index, name in enumerate(self._names, start=1):
      band = ET.SubElement(
        root, 'VRTRasterBand', dataType='Float32', band=str(index)
      )
      ET.SubElement(band, 'Description').text = name
      ET.SubElement(band, 'UnitType').text = 'm'
      ET.SubElement(band, 'NoDataValue').text = 'nan'
      for path, rows in parts:
        self._add_source(band, path, rows, index)
    return ET.tostring(root, encoding='unicode')

  def _add_source(self, band, path, rows, index):
    width = self._place.shape[1]
    first = int(path.stem.rpartition('_')[2])
    source = ET.SubElement(band, 'SimpleSource')
    name = ET.SubElement(source, 'SourceFilename', relativeToVRT='1')
    name.text = path.name
    ET.SubElement(source, 'SourceBand').text = str(index)
    for kind, top in (('SrcRect', 0), ('DstRect', first)):
      ET.SubElement(
        source,
        kind,
        xOff='0',
        yOff=str(top),
        xSize=str(width),
        ySize=str(rows),
      )
