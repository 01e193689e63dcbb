"""Tiles that exported files are calibrated on and checked with."""

import dataclasses
import itertools
import pathlib
import sys

import numpy as np

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.data import made_up
from heightnet_tf.data import sources
from heightnet_tf.data import splits
from heightnet_tf.data import wrapped
from heightnet_tf.geo import tiles as places
from heightnet_tf.heights import bins

# Samples that tiles are looked for in: each is read and resized.
_MOST_SAMPLES = 256
# Where pairs lie if nobody says.
_USUAL = 'data/train_dataset'
# How many pairs are made up where there are none, and how large, pixels.
_MADE_UP, _MADE_UP_PX = 24, 256
_BUDGET_BYTES = 1 << 30


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Tiles:
  """Tiles of one size, as a network sees them.

  Attributes:
    image: float32 [N, window, window, C], 0-255.
    height_m: float32 [N, window, window, 1], metres; NaN where unknown.
  """

  image: np.ndarray
  height_m: np.ndarray


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Size:
  """One size of the `.tflite` files.

  Attributes:
    side_px: the height and width that they take, pixels; 0 for any; None for
      that of the tiles, which file names then do not tell.
    calibration: tiles that calibrate int8.
    check: tiles that the files are checked on.
  """

  side_px: int | None
  calibration: Tiles
  check: Tiles


@dataclasses.dataclass(frozen=True, kw_only=True)
class TileOptions:
  """Which tiles are taken.

  Attributes:
    window_px: side of a tile, pixels the network sees.
    calibration: number of training tiles that calibrate int8.
    check: number of validation tiles that exports are checked on.
    validation_percent: share of the pairs for validation, as in training.
    seed: decides the split, as in training, and the places of the tiles.
  """

  window_px: int
  calibration: int
  check: int
  validation_percent: float
  seed: int


def open_source(
  spec, card: model_card.ModelCard, *, folder_options
) -> sources.Source:
  """Opens the pairs at the ground size that a model takes.

  Args:
    spec: a folder of pairs or `tfds:NAME/CONFIG`; None for data/train_dataset
      or, where that is not there, for made-up pairs, which a note tells.
    card: of the model.
    folder_options: sources.FolderOptions.

  Returns:
    Source of resized samples.

  Raises:
    errors.InputError: there is no such folder.
  """
  if spec is None and not pathlib.Path(_USUAL).is_dir():
    print(
      f'note: no --data_dir, and no {_USUAL}: int8 is calibrated and files are '
      'checked on made-up tiles.',
      file=sys.stderr,
    )
    return _kept(
      made_up.MadeUpSource(
        _MADE_UP, size_px=_MADE_UP_PX, gsd_m=card.gsd_m or 1.0, seed=0
      )
    )
  spec = spec or _USUAL
  if ':' not in str(spec) and not pathlib.Path(spec).is_dir():
    raise errors.InputError(
      f'No folder {spec}. int8 is calibrated on real tiles and every export is '
      'checked on them: set --data_dir to a folder with imgs/ and masks/.'
    )
  source = sources.open_source(spec, folder_options=folder_options)
  return _kept(sources.resized(source, scale=card.scale, gsd_m=card.gsd_m))


def split_tiles(
  source: sources.Source, card: model_card.ModelCard, options: TileOptions
) -> tuple[Tiles, Tiles]:
  """Takes tiles for calibration and, from other scenes, for the check.

  Args:
    source: from `open_source`.
    card: of the model.
    options: how many, and how large.

  Returns:
    Tiles for calibration and for the check; both from all pairs where none
    are set aside for validation.

  Raises:
    errors.FlagError: the network does not take tiles of this size.
    errors.HeightError: no tile has a known height.
    errors.ModelFileError: the model takes another number of bands.
  """
  if options.window_px % card.stride_px:
    raise errors.FlagError(
      f'Tiles of {options.window_px} pixels (--window_px, --tflite_px) do not '
      f'fit the model. Expected a multiple of {card.stride_px}.'
    )
  training, validation = splits.split(
    source, percent=options.validation_percent, seed=options.seed
  )
  return (
    choose(source, training, card, options, count=options.calibration),
    choose(source, validation or training, card, options, count=options.check),
  )


def sized(
  source: sources.Source,
  card: model_card.ModelCard,
  options: TileOptions,
  sides_px: tuple[int, ...],
) -> tuple[Size, ...]:
  """Takes tiles for each of several sizes; arguments as of `split_tiles`.

  Args:
    source: to take them from.
    card: of the model.
    options: how many, and how large where the size is 0.
    sides_px: the sizes.

  Returns:
    The sizes with their tiles.
  """
  return tuple(
    Size(side_px=side_px, calibration=calibration, check=check)
    for side_px in sides_px
    for calibration, check in [
      split_tiles(
        source,
        card,
        dataclasses.replace(options, window_px=side_px or options.window_px),
      )
    ]
  )


def choose(
  source: sources.Source,
  indices,
  card: model_card.ModelCard,
  options: TileOptions,
  *,
  count: int,
) -> Tiles:
  """Takes as many tiles of low things as of tall ones, as far as there are.

  Windows are sorted by their tallest known height into the bins of the report;
  each bin, the tallest first, gives one at random in turn. Ranges of int8 that
  have seen no tower would cut towers off.

  Args:
    source: to take them from.
    indices: samples to take them from; of many, some spread over all.
    card: of the model.
    options: size of the tiles, and seed.
    count: number of tiles; fewer come where the samples have no more.

  Returns:
    Tiles, each with some known height, in the order of the samples.

  Raises:
    errors.HeightError: no tile has a known height.
    errors.ModelFileError: the model takes another number of bands.
  """
  chosen = sorted(_chosen(source, indices, card, options)[:count])
  if not chosen:
    raise errors.HeightError(
      f'No tile taken from {source.name} has a known height. Expected some to '
      'check the export with; check --data_dir and --height_nodata.'
    )
  images, heights = [], []
  for index, group in itertools.groupby(chosen, lambda place: place[0]):
    image, height_m = _padded(source.read(index), options.window_px)
    for _, row, column in group:
      images.append(places.window(image, row, column, options.window_px))
      heights.append(places.window(height_m, row, column, options.window_px))
  return Tiles(
    image=np.stack(images).astype(np.float32),
    height_m=np.stack(heights)[..., None],
  )


def parse_sizes(texts: list[str]) -> tuple[int, ...]:
  """Reads the sizes of `.tflite` files: pixels, 0 for any.

  Raises:
    errors.FlagError: something else than whole numbers, or one twice.
  """
  if not all(text.strip().isdecimal() for text in texts) or (
    len({int(text) for text in texts}) < len(texts)
  ):
    raise errors.FlagError(
      f'--tflite_px={",".join(texts)} are no sizes. Expected different whole '
      'numbers such as 256,512,0; 0 is a file for images of any size.'
    )
  return tuple(map(int, texts))


def _kept(source):
  """Tiles are looked for, then cut, and for every size anew."""
  return wrapped.CachedSource(source, budget_bytes=_BUDGET_BYTES)


def _chosen(source, indices, card, options):
  """Lists windows (sample, row, column), the bins of heights in turn."""
  strata = [[] for _ in bins.REPORT_EDGES_M]
  spread = np.linspace(
    0, len(indices) - 1, min(len(indices), _MOST_SAMPLES)
  ).round()
  for place in spread.astype(int):
    sample = source.read(indices[place])
    _check_bands(sample, card)
    side = options.window_px
    _, height_m = _padded(sample, side)
    for row, column in places.windows(height_m.shape, side, side):
      heights = places.window(height_m, row, column, side)
      if np.isfinite(heights).any():
        stratum = np.digitize(np.nanmax(heights), bins.REPORT_EDGES_M[1:])
        strata[stratum].append((indices[place], row, column))
  random = np.random.default_rng(options.seed)
  for stratum in strata:
    random.shuffle(stratum)
  turns = itertools.zip_longest(*reversed(strata))
  return [place for turn in turns for place in turn if place is not None]


def _padded(sample, window_px):
  """A sample as large as a window at least: image, and NaN for heights."""
  missing = [(0, max(0, window_px - side)) for side in sample.height_m.shape]
  return (
    np.pad(sample.image, [*missing, (0, 0)], mode='symmetric'),
    np.pad(sample.height_m, missing, constant_values=np.nan),
  )


def _check_bands(sample, card):
  if sample.image.shape[2] != len(card.bands):
    raise errors.ModelFileError(
      f'{sample.name} has {sample.image.shape[2]} bands, but the model takes '
      f'{len(card.bands)}. Set --data_dir to images like those it was trained '
      'on.'
    )
