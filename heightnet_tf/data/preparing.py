"""From whole scenes to training and test tiles, cut apart by area."""

import contextlib
import dataclasses
import pathlib

import numpy as np
import tqdm

from heightnet_tf import errors
from heightnet_tf import files
from heightnet_tf.data import scene_files
from heightnet_tf.data import tile_set
from heightnet_tf.geo import raster
from heightnet_tf.geo import reading
from heightnet_tf.geo import tiles
from heightnet_tf.heights import pits
from heightnet_tf.heights import plausibility

_TRAIN = 'train_dataset'
_TEST = 'test_dataset'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
  """How scenes are read and cut.

  Attributes:
    tile_px: side of a tile.
    stride_px: distance between the starts of neighbouring training tiles.
    min_known: least share of a tile's heights that must be known.
    test_area: as `geo.tiles.area_mask` takes.
    height_scale: metres per unit of the height files.
    height_nodata: a value of theirs that means unknown, or None.
    fill_pits_m: radius within which pits in tree crowns are filled in training
      heights, as `heights.pits.fill` takes; 0 fills none.
  """

  tile_px: int
  stride_px: int
  min_known: float
  test_area: str
  height_scale: float
  height_nodata: float | None
  fill_pits_m: float

  def __post_init__(self):
    for name in ('tile_px', 'stride_px', 'height_scale'):
      if not getattr(self, name) > 0:
        raise errors.FlagError(
          f'Invalid --{name}={getattr(self, name)}. Expected more than 0.'
        )
    # Farther than that it is no pit, and the closing takes forever.
    if not 0 <= self.fill_pits_m <= 10:
      raise errors.FlagError(
        f'Invalid --fill_pits_m={self.fill_pits_m}. Expected 0 to 10 metres.'
      )
    if not 0 <= self.min_known <= 1:
      raise errors.FlagError(
        f'Invalid --min_known={self.min_known}. Expected a share, 0 to 1.'
      )


@dataclasses.dataclass(frozen=True, kw_only=True)
class Summary:
  """What was prepared, and what looked wrong on the way."""

  train: tile_set.SetSummary
  test: tile_set.SetSummary
  warnings: tuple[str, ...]

  def table(self) -> str:
    """Lays both sets out side by side, heights in metres."""
    width = max(len(part.folder) for part in (self.train, self.test))
    heads = ''.join(f'{name + " m":>10}' for name in self.train.heights_m)
    lines = [f'{"":{width}}{"tiles":>8}{"known":>8}{heads}']
    for part in (self.train, self.test):
      values = (f'{value:10.2f}' for value in part.heights_m.values())
      lines.append(
        f'{part.folder:{width}}{part.tiles:8d}{part.share_known:8.1%}'
        f'{"".join(values)}'
      )
    return '\n'.join(lines)


def prepare(scenes, output, options, *, overwrite) -> Summary:
  """Cuts scenes into the tiles of a training and a test set.

  Writes `<output>/{train_dataset,test_dataset}/{imgs,masks}/
  <scene>_<row>_<col>.tif`, both sets whole or not at all. No training tile
  overlaps the test area, nor that of another scene of the same place. Test
  tiles know the heights in it, each in one tile alone, and none outside.

  Args:
    scenes: list of `scene_files.Scene`.
    output: folder for both sets.
    options: Options.
    overwrite: whether sets that stand there already may be replaced.

  Returns:
    Summary.

  Raises:
    errors.HeightnetError: a file, its heights or an option will not do.
  """
  output = pathlib.Path(output)
  _refuse_content(output, overwrite)
  test_areas = _test_areas(scenes, options)
  warnings = []
  with _both_folders(output) as folders:
    train = _tile_set(folders[0], options, options.stride_px)
    # Without overlap, or a pooled error would count some pixels twice.
    test = _tile_set(folders[1], options, options.tile_px)
    for index, scene in enumerate(_progress(scenes)):
      image, heights = scene_files.read_pair(
        scene, scale=options.height_scale, nodata=options.height_nodata
      )
      warnings += _warnings(heights)
      test_area = tiles.area_mask(image, options.test_area)
      elsewhere = [*test_areas[:index], *test_areas[index + 1 :]]
      train_area = ~(test_area | _touched(image, elsewhere))
      test.add_once(image, heights, test_area)
      if options.fill_pits_m:
        heights = _without_pits(heights, train_area, options.fill_pits_m)
      train.add_whole(image, heights, train_area)
    _check_content(train, 'outside', options)
    _check_content(test, 'inside', options)
  return Summary(
    train=train.summary(output / _TRAIN),
    test=test.summary(output / _TEST),
    warnings=tuple(warnings),
  )


def _without_pits(heights, area, radius_m) -> raster.Raster:
  """Fills pits from heights of the area alone: a test's heights stay unseen."""
  if heights.gsd_m is None:
    raise errors.InputError(
      f'{heights.path} has no georeference, so --fill_pits_m is no number of '
      'pixels. Leave it out, or give the file its georeference.'
    )
  height_m = np.where(area, heights.pixels[..., 0], np.float32(np.nan))
  height_m = pits.fill(height_m, gsd_m=heights.gsd_m, radius_m=radius_m)
  return dataclasses.replace(heights, pixels=height_m[..., np.newaxis])


def _progress(scenes):
  # None: no bar where nobody watches, as in a log file.
  return tqdm.tqdm(scenes, unit='scene', disable=None)


def _refuse_content(output, overwrite) -> None:
  for folder in (output / _TRAIN, output / _TEST):
    if not overwrite and folder.is_dir() and any(folder.iterdir()):
      raise errors.OutputError(
        f'{folder} holds files already. Choose another --output, or replace '
        'them with --overwrite.'
      )


@contextlib.contextmanager
def _both_folders(output):
  """Yields scratch folders of both sets; a failure leaves no trace of them."""
  existed = output.exists()
  try:
    with (
      files.replacing(output / _TRAIN, folder=True) as train,
      files.replacing(output / _TEST, folder=True) as test,
    ):
      yield train, test
  except BaseException:
    if not existed:
      with contextlib.suppress(OSError):
        output.rmdir()
    raise


def _tile_set(folder, options, stride_px) -> tile_set.TileSet:
  return tile_set.TileSet(
    folder,
    tile_px=options.tile_px,
    stride_px=stride_px,
    min_known=options.min_known,
  )


def _test_areas(scenes, options) -> list[tuple | None]:
  """Outlines sides of scenes; two scenes may show the same place.

  Polygons need none of this: they lie on the ground, for every scene alike.
  """
  areas = []
  for scene in scenes:
    place = reading.read_place(scene.image)
    if min(place.shape) < options.tile_px:
      raise errors.InputError(
        f'{scene.image} is {place.shape[1]} x {place.shape[0]} pixels, less '
        f'than a tile. Expected --tile_px of {min(place.shape)} or less.'
      )
    outline = tiles.side_outline(place, options.test_area)
    areas.append((place.crs, outline) if outline else None)
  return areas


def _touched(image, areas) -> np.ndarray:
  areas = [area for area in areas if area]
  if image.crs is None or not areas:
    return np.zeros(image.shape, bool)
  return tiles.touched(image, areas)


def _warnings(heights) -> list[str]:
  warning = plausibility.warning_for(heights.pixels)
  return [f'{heights.path}: {warning}'] if warning else []


def _check_content(tiles_of_set, where, options) -> None:
  if not tiles_of_set.tiles:
    raise errors.InputError(
      f'No tile of {options.tile_px} pixels lies {where} the test area '
      f'{options.test_area} with {options.min_known:.0%} of its heights known. '
      'Choose another --test_area, or smaller --tile_px or --min_known.'
    )
