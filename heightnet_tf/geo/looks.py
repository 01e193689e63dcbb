"""How the numbers of an image file become what a person would see."""

import dataclasses

import numpy as np
import rasterio.enums
import rasterio.windows

from heightnet_tf import errors
from heightnet_tf.geo import salvage

_COLOURS = ('red', 'green', 'blue')
_NAMELESS = (
  rasterio.enums.ColorInterp.undefined,
  rasterio.enums.ColorInterp.gray,
)
_STRETCH_PERCENT = (2, 98)
# Long side of the overview that a stretch is measured on, pixels.
_OVERVIEW_PX = 1024


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Look:
  """How the bands of a file become an image.

  Attributes:
    indices: bands of the file, from 1, in the order wanted.
    names: their names.
    palette: uint8 [256, 3] of a file of palette indices, or None.
    stretch: float64 [2, C], the values that become 0 and 255; None where the
      file's bytes are taken as they are.
    nodata: value of the file that means unknown where all of the bands have
      it, besides what the file says; or None.
    all_known: whether the file cannot tell that a pixel is unknown.
  """

  indices: tuple[int, ...]
  names: tuple[str, ...]
  palette: np.ndarray | None
  stretch: np.ndarray | None
  nodata: float | None
  all_known: bool

  def read(self, dataset, *, window=None, shape=None):
    """Reads a part of a file.

    Args:
      dataset: the open file.
      window: rasterio Window; None for all.
      shape: height and width to reduce it to, every so many-th pixel; None
        for every pixel.

    Returns:
      uint8 [H, W, C] and bool [H, W], where the file knows something.

    Raises:
      rasterio.errors.RasterioError: the part is damaged.
    """
    pixels, known = _numbers(dataset, self, window, shape)
    if self.stretch is not None:
      pixels = _stretched(pixels, known, self.stretch)
    return pixels, known

  def ranges(self) -> str:
    """The stretch in words; empty without one."""
    if self.stretch is None:
      return ''
    return ', '.join(
      f'{name} {low:.6g} to {high:.6g}'
      for name, low, high in zip(self.names, *self.stretch, strict=True)
    )


def parse_bands(texts: list[str] | None) -> tuple[int, ...] | None:
  """Reads numbers of bands; None for none.

  Raises:
    errors.FlagError: something else than whole numbers from 1.
  """
  if not texts:
    return None
  if not all(text.strip().isdecimal() and int(text) for text in texts):
    raise errors.FlagError(
      f'--bands={",".join(texts)} are no bands. Expected whole numbers from 1, '
      'such as 3,2,1.'
    )
  return tuple(map(int, texts))


def look_at(dataset, name, *, band_count, bands=None, nodata=None) -> Look:
  """Chooses bands, and the stretch of what is not 8-bit, once per file.

  Args:
    dataset: the open file.
    name: of the file, for messages.
    band_count: bands wanted. Three are those that the file calls red, green
      and blue, else its first ones; an alpha band is never one of them.
    bands: bands of the file to take instead, from 1.
    nodata: value that means unknown, see `Look`.

  Returns:
    The look.

  Raises:
    errors.InputError: too few bands, or numbers that are no colours.
    errors.FlagError: `bands` are too few or too many, or not in the file.
  """
  if is_paletted(dataset) and bands is None:
    look = _look(dataset, (1,), _COLOURS, nodata, palette=_palette(dataset))
    indices = (1, 2, 3)
  else:
    indices = tuple(bands or _own_bands(dataset, band_count))
    _check_chosen(dataset, name, indices, band_count, chosen=bands is not None)
    look = _look(dataset, indices, _band_names(dataset, indices), nodata)
  if len(indices) < band_count:
    raise errors.InputError(
      f'{name} has {len(indices)} band(s). Expected an image of at least '
      f'{band_count} bands, or --bands: 1,1,1 shows the first one as grey.'
    )
  kinds = {np.dtype(dataset.dtypes[index - 1]) for index in look.indices}
  strange = [kind for kind in kinds if kind.kind not in 'uif']
  if strange:
    raise errors.InputError(
      f'{name} holds {strange[0]}, not colours. Expected whole or real numbers;'
      ' take the magnitude of complex ones first.'
    )
  if kinds == {np.dtype(np.uint8)}:
    return look
  return dataclasses.replace(look, stretch=_measured_stretch(dataset, look))


def colour_bands(dataset) -> list[int]:
  """The bands of a file, from 1, without alpha."""
  alpha = rasterio.enums.ColorInterp.alpha
  kinds = enumerate(dataset.colorinterp, start=1)
  return [index for index, kind in kinds if kind != alpha]


def is_paletted(dataset) -> bool:
  """Whether the first band of a file holds indices of colours."""
  return dataset.colorinterp[0] == rasterio.enums.ColorInterp.palette


def known_pixels(dataset, *, window=None, shape=None) -> np.ndarray:
  """Reads where a file's alpha, mask and no-data tags say that it knows.

  Args:
    dataset: the open file.
    window: rasterio Window; None for all.
    shape: height and width to reduce it to.

  Returns:
    bool [H, W].
  """
  if _says_all_known(dataset):
    shape = shape or (
      (int(window.height), int(window.width)) if window else dataset.shape
    )
    return np.ones(shape, bool)
  return dataset.dataset_mask(window=window, out_shape=shape) > 0


def _look(dataset, indices, names, nodata, palette=None):
  floats = any(dataset.dtypes[index - 1].startswith('f') for index in indices)
  return Look(
    indices=indices,
    names=names,
    palette=palette,
    stretch=None,
    nodata=nodata,
    all_known=_says_all_known(dataset) and not floats and nodata is None,
  )


def _own_bands(dataset, band_count):
  """Red, green and blue where a file names them in whatever order."""
  kinds = [kind.name for kind in dataset.colorinterp]
  if band_count == len(_COLOURS) and set(_COLOURS) <= set(kinds):
    return [kinds.index(colour) + 1 for colour in _COLOURS]
  return colour_bands(dataset)[:band_count]


def _check_chosen(dataset, name, indices, band_count, *, chosen):
  if not chosen:
    return
  if len(indices) != band_count:
    raise errors.FlagError(
      f'--bands names {len(indices)} bands. Expected {band_count}, as many as '
      'the model takes.'
    )
  outside = [k for k in indices if not 1 <= k <= dataset.count]
  if outside:
    raise errors.FlagError(
      f'--bands names band {outside[0]}, {name} has {dataset.count} band(s). '
      'The first one is 1.'
    )


def _says_all_known(dataset) -> bool:
  all_valid = [rasterio.enums.MaskFlags.all_valid]
  return all(flags == all_valid for flags in dataset.mask_flag_enums)


def _band_names(dataset, indices) -> tuple[str, ...]:
  return tuple(_band_name(dataset, index) for index in indices)


def _band_name(dataset, index) -> str:
  kind = dataset.colorinterp[index - 1]
  if dataset.descriptions[index - 1]:
    return dataset.descriptions[index - 1]
  if kind not in _NAMELESS:
    return kind.name
  # Files that name no colour are taken as red, green, blue and others.
  return _COLOURS[index - 1] if index <= 3 else f'band_{index}'


def _palette(dataset) -> np.ndarray:
  colours = np.zeros((256, 3), np.uint8)
  for index, colour in dataset.colormap(1).items():
    colours[index] = colour[:3]
  return colours


def _numbers(dataset, look, window, shape):
  """Reads the numbers as they are: [H, W, C], and bool [H, W], known."""
  known = known_pixels(dataset, window=window, shape=shape)
  kinds = [dataset.dtypes[index - 1] for index in look.indices]
  pixels = np.empty((*known.shape, len(kinds)), np.result_type(*kinds))
  # Straight into the order wanted: half the memory, two thirds of the time.
  dataset.read(
    list(look.indices), window=window, out=np.moveaxis(pixels, -1, 0)
  )
  if look.nodata is not None:
    known &= (pixels != look.nodata).any(axis=-1)
  if look.palette is not None:
    return look.palette[pixels[..., 0]], known
  if pixels.dtype.kind == 'f':
    known &= np.isfinite(pixels).all(axis=-1)
  return pixels, known


def _measured_stretch(dataset, look) -> np.ndarray:
  """Percentiles of what is known in an overview, float64 [2, C]."""
  step = max(1, -(-max(dataset.shape) // _OVERVIEW_PX))

  def read(window):
    shape = (-(-int(window.height) // step), -(-int(window.width) // step))
    pixels, known = _numbers(dataset, look, window, shape)
    return pixels[known].astype(np.float64)

  whole = rasterio.windows.Window(0, 0, dataset.width, dataset.height)
  parts = [
    values
    for _, values in salvage.salvaged(read, whole, dataset.block_shapes[0])
    if values is not None and values.size
  ]
  if not parts:
    return np.tile([[0.0], [1.0]], len(look.indices))
  return np.percentile(np.concatenate(parts), _STRETCH_PERCENT, axis=0)


def _stretched(pixels, known, stretch) -> np.ndarray:
  """Brings [H, W, C] of any real type to uint8; 0 where unknown."""
  low, high = stretch.astype(np.float32)
  span = np.maximum(high - low, np.finfo(np.float32).tiny)
  with np.errstate(invalid='ignore', over='ignore'):
    share = (pixels.astype(np.float32) - low) / span
  share[~known] = 0
  return np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
