"""What a person should know before predicted heights are believed."""

import math
import sys

from heightnet_tf import model_card
from heightnet_tf.geo import raster
from heightnet_tf.geo import scene_rows

# Pixels larger or smaller than those of the training by more are worth a word.
_FAR = 2.0
# A share of black pixels that is worth a word.
_MUCH_BLACK = 0.01


def show(notes: list[str]) -> None:
  """Prints notes, a line each."""
  for note in notes:
    print(f'note: {note}', file=sys.stderr)


def of_bands(
  scene: scene_rows.FileRows, *, bands: tuple[int, ...] | None
) -> list[str]:
  """How the numbers of a file became colours.

  Args:
    scene: the file.
    bands: bands that were asked for; None for the file's own order.

  Returns:
    Sentences, none where there is nothing to tell; so all functions here.
  """
  look, notes = scene.look, []
  if look.stretch is not None:
    notes.append(f'{scene.name}: stretched to 0 to 255: {look.ranges()}.')
  if scene.guessed and bands is None:
    taken = ','.join(map(str, look.indices))
    notes.append(
      f'{scene.name} does not say which of its bands are red, green and blue; '
      f'took {taken}. --bands={taken} in another order chooses others.'
    )
  return notes


def of_size(
  place: raster.Raster,
  card: model_card.ModelCard,
  *,
  scale: float | None,
  gsd_m: float | None,
) -> list[str]:
  """How an image's pixels compare with those that the model knows.

  Args:
    place: where the image lies.
    card: of the model.
    scale: factor on the image size that was asked for, or None.
    gsd_m: ground size of a pixel, metres, where the image does not tell; or
      None.
  """
  if scale is not None or card.gsd_m is None:
    return []
  if place.sides_m is None and gsd_m is None:
    return [
      f'{place.path} does not say how large its pixels are on the ground; '
      f'resized by {card.scale:g} as in training. Give --gsd_m if you know.'
    ]
  if place.sides_m is not None:
    gsd_m = math.sqrt(math.prod(place.sides_m))
  sizes = (
    f'{place.path} has pixels of {gsd_m:.3g} m, the model was trained at '
    f'{card.gsd_m:.3g} m'
  )
  ratio = gsd_m / card.gsd_m
  if ratio > _FAR:
    return [f'{sizes}: expect poor heights.']
  if ratio < 1 / _FAR:
    return [f'{sizes}: the image is reduced to that, finer detail is lost.']
  return []


def of_black(scene: scene_rows.FileRows) -> list[str]:
  """Whether much of what was read may not have been measured at all."""
  share = scene.black / math.prod(scene.shape)
  if share < _MUCH_BLACK or scene.look.stretch is not None:
    return []
  return [
    f'{scene.name}: {share:.0%} of the pixels are black and nothing says that '
    'they were not measured. If so, --image_nodata=0 makes their heights '
    'unknown.'
  ]
