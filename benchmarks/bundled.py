r"""How a model bears other light, sensors and pixels; what its spreads hold.

  python benchmarks/bundled.py --model=runs/accuracy/run/last.keras \
    --json=bundled.json

Scores a model that was trained by the protocol of blocks (or, with --whole, on
none of the places) on the test blocks as they are; with their light, colours
and sharpness changed; and resampled to other pixel sizes, the predictions then
brought back to the pixels of the measured heights, so that all rows count the
same ones. Beside them the two answers that need no image and, of a model that
predicts spreads, how many heights lie in the intervals. What is finished is
kept in --work_dir; remove the folder for another model or other windows.
"""

import dataclasses
import io
import pathlib
import sys

from absl import flags
import affine
import numpy as np
import PIL.Image
from scipy import ndimage

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import places

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.geo import resampling

_MODEL = flags.DEFINE_string('model', bundled.MODEL, 'Of any format.')
_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Scored together.'
)
_WHOLE = flags.DEFINE_bool(
  'whole', False, 'Score all of the places, not their test blocks alone.'
)
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/bundled', 'Where tiles and results are kept.'
)
_WINDOW_PX = flags.DEFINE_integer(
  'window_px', places.WINDOW_PX, 'Side of the windows.'
)
_OVERLAP_PX = flags.DEFINE_integer(
  'overlap_px', places.OVERLAP_PX, 'Their overlap.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')

_GSDS_M = (0.35, 0.7, 1.0)
_AS_IT_IS = 'as it is'


def main(argv):
  """Scores every change and prints two tables."""
  command.reject_leftovers(argv)
  work = pathlib.Path(_WORK_DIR.value)
  places.cut(work / 'blocks', find(), places.test_blocks)
  predict = places.predict_with(
    _MODEL.value, window_px=_WINDOW_PX.value, overlap_px=_OVERLAP_PX.value
  )
  rows = [
    places.kept(work / f'{name}.json', lambda name=name: changed(predict, name))
    for name in CHANGES
  ]
  for row in rows:
    row['change_percent'] = 100 * (row['mae_m'] / rows[0]['mae_m'] - 1)
  rows += places.kept(
    work / 'trivial.json',
    lambda: places.trivial(work / 'blocks', find, counted_at),
  )
  report = places.report(
    rows, model=_MODEL.value, places=_PLACES.value, whole=_WHOLE.value
  )
  places.print_table(report)
  print(places.markdown(rows[: len(CHANGES)], COLUMNS))
  if _JSON.value:
    files.write_json(_JSON.value, report)


def find():
  """The scenes, read anew each time."""
  return places.scenes(_SCENES.value, _PLACES.value)


def counted_at(shape):
  """Bool [H, W]: what is scored."""
  return (places.everything if _WHOLE.value else places.test_blocks)(shape)


def changed(predict, name):
  """Scores a model that sees every scene changed."""
  change = CHANGES[name]

  def predict_changed(image):
    outputs = predict(change(image))
    if outputs.shape[:2] == image.shape:
      return outputs
    bands = np.moveaxis(outputs, -1, 0)
    return np.stack(
      [resampling.resize_height(band, image.shape) for band in bands], -1
    )

  figures = places.score(predict_changed, find(), counted_at)
  return {'name': name} | figures


def recoloured(gains, contrast=1.0):
  """A change of what is known: each band's gain, and the contrast."""

  def change(image):
    pixels = image.pixels * np.asarray(gains, np.float32)
    mean = pixels[image.known].mean()
    return with_pixels(image, mean + contrast * (pixels - mean))

  return change


def blurred(image):
  """A Gaussian of one pixel."""
  pixels = image.pixels.astype(np.float32)
  return with_pixels(image, ndimage.gaussian_filter(pixels, (1, 1, 0)))


def compressed(image):
  """JPEG of quality 50."""
  content = io.BytesIO()
  PIL.Image.fromarray(image.pixels).save(content, 'jpeg', quality=50)
  return with_pixels(image, np.asarray(PIL.Image.open(content)))


def with_pixels(image, pixels):
  """The image with other pixels where it is known."""
  pixels = np.clip(np.round(pixels), 0, 255).astype(np.uint8)
  pixels[~image.known] = 0
  return dataclasses.replace(image, pixels=pixels)


def resampled(gsd_m):
  """A change to another ground size of a pixel."""

  def change(image):
    shape = resampling.scaled(image.shape, image.gsd_m / gsd_m)
    down, across = (
      before / after for before, after in zip(image.shape, shape, strict=True)
    )
    known = resampling.resize_image(
      image.known[..., np.newaxis].astype(np.uint8) * 255, shape
    )
    return dataclasses.replace(
      image,
      pixels=resampling.resize_image(image.pixels, shape),
      # Wherever something was known, or fewer pixels would be scored.
      known=known[..., 0] > 0,
      transform=image.transform @ affine.Affine.scale(across, down),
    )

  return change


CHANGES = {
  _AS_IT_IS: lambda image: image,
  'brightness +30 %': recoloured((1.3, 1.3, 1.3)),
  'brightness -30 %': recoloured((0.7, 0.7, 0.7)),
  'contrast +30 %': recoloured((1, 1, 1), 1.3),
  'contrast -30 %': recoloured((1, 1, 1), 0.7),
  'warm cast, red +20 %, blue -20 %': recoloured((1.2, 1, 0.8)),
  'cold cast, red -20 %, blue +20 %': recoloured((0.8, 1, 1.2)),
  'blur of one pixel': blurred,
  'JPEG of quality 50': compressed,
  **{f'{gsd_m:g} m per pixel': resampled(gsd_m) for gsd_m in _GSDS_M},
}
COLUMNS = (
  ('mae_m', 'MAE (m)', 3),
  ('change_percent', 'change (%)', 1),
  ('mae_20m_up_m', 'MAE where truth >= 20 m (m)', 2),
  *places.SPREAD_COLUMNS,
)


if __name__ == '__main__':
  command.run(main)
