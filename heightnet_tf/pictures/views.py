"""A picture of a scene and its heights, from their files."""

import numpy as np
import PIL.Image
import rasterio.errors

from heightnet_tf.geo import ground
from heightnet_tf.geo import looks
from heightnet_tf.geo import opening
from heightnet_tf.geo import overview
from heightnet_tf.geo import raster as rasters
from heightnet_tf.pictures import colours
from heightnet_tf.pictures import figures

# Read at most this large: twice what is seen of each, so that it can be
# reduced smoothly, and whatever the size of the scene.
_READ_PX = 1800
_UNKNOWN = np.array(colours.UNKNOWN_RGB, np.uint8)


def of_files(image_path, heights_path, *, bands=None) -> PIL.Image.Image:
  """Draws a scene beside its heights.

  Where the scene is unknown or damaged the image is grey, as its heights are.

  Args:
    image_path: the scene.
    heights_path: a GeoTIFF of its heights, on the same grid.
    bands: bands of the scene that the model sees, from 1; the first three are
      shown, or the first one as grey. None as the file says.

  Returns:
    The picture of `figures.triptych`.

  Raises:
    errors.InputError: a file is missing or unreadable.
  """
  heights = overview.read_heights(heights_path, most_px=_READ_PX)
  image = overview.read_image(
    image_path, bands=_shown(image_path, bands), most_px=_READ_PX
  )
  seen = np.where(image.known[..., None], image.pixels, _UNKNOWN)
  return figures.triptych(
    seen, heights.pixels[..., 0], steps_m=steps_m(heights)
  )


def _shown(path, bands):
  """The first band thrice of what has fewer than three colours."""
  if bands:
    return bands[:3] if len(bands) >= 3 else bands[:1] * 3
  with opening.opened(path) as dataset:
    few = len(looks.colour_bands(dataset)) < 3
    grey = few and not looks.is_paletted(dataset)
  return (1, 1, 1) if grey else None


def steps_m(raster: rasters.Raster) -> np.ndarray | None:
  """Measures the pixel in the middle, as `ground.steps_m`; None if unknown."""
  if raster.crs is None or raster.transform is None:
    return None
  height, width = raster.shape
  try:
    found = ground.steps_m(
      raster.crs, raster.transform, [width / 2], [height / 2]
    )[0]
  except rasterio.errors.CRSError:
    return None
  return found if np.isfinite(found).all() else None
