"""Scenes of any size, made by tiling and perturbing a real one."""

import numpy as np
import rasterio
import rasterio.windows

from heightnet_tf import files


def write(path, side, source):
  """Writes a packed scene of side x side pixels, a band of tiles at a time.

  Args:
    path: where to; kept if it is there.
    side: pixels.
    source: a GeoTIFF to tile and perturb.
  """
  if path.exists():
    return
  with rasterio.open(source) as file:
    tile, profile = file.read(), file.profile
  profile.update(
    width=side,
    height=side,
    tiled=True,
    blockxsize=256,
    blockysize=256,
    compress='deflate',
    photometric='RGB',
    interleave='pixel',
    bigtiff='if_safer',
  )
  generator = np.random.default_rng(0)
  rows, columns = tile.shape[1:]
  with (
    files.replacing(path) as scratch,
    rasterio.open(scratch, 'w', **profile) as target,
  ):
    for top in range(0, side, rows):
      band = [perturbed(tile, generator) for _ in range(-(-side // columns))]
      band = np.concatenate(band, axis=2)[:, : side - top, :side]
      window = rasterio.windows.Window(0, top, side, band.shape[1])
      target.write(band, window=window)


def perturbed(tile, generator):
  """Mirrors a tile, brightens it and changes pixels; 0 stays 0."""
  tile = tile[:, :: generator.choice([-1, 1]), :: generator.choice([-1, 1])]
  shift = generator.integers(-20, 21, (3, 1, 1))
  noise = generator.integers(-3, 4, tile.shape, dtype=np.int8)
  changed = np.clip(tile.astype(np.int16) + shift + noise, 1, 255)
  return np.where(tile > 0, changed, 0).astype(np.uint8)
