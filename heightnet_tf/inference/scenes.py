"""Heights of an image of any size, on that image's own grid."""

from collections.abc import Iterator
import contextlib
import dataclasses
import math

import numpy as np
import tqdm

from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.geo import raster as rasters
from heightnet_tf.geo import scene_rows
from heightnet_tf.inference import ahead
from heightnet_tf.inference import blending
from heightnet_tf.inference import feeding
from heightnet_tf.inference import grid
from heightnet_tf.inference import predictor as predictors
from heightnet_tf.inference import unfeeding

# An image whose pixels are larger than the model's by more than this is
# refused: it shows nothing of what the model looks for.
_FARTHEST_SCALE = 8.0
# Rows of the image that come back at once.
CHUNK_PX = 128


@dataclasses.dataclass(frozen=True, kw_only=True)
class SceneOptions:
  """How a scene is predicted.

  Attributes:
    window_px: side of the windows, pixels the network sees; a model of one
      fixed size overrides it.
    overlap_px: overlap of neighbouring windows, pixels.
    batch_size: most windows given to the network at once.
    scale: factor on the image size before the network sees it; None works it
      out from the ground sizes of image and model.
  """

  window_px: int
  overlap_px: int
  batch_size: int
  scale: float | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
  """How the windows of one scene lie.

  Attributes:
    rows: from top to bottom.
    columns: from left to right.
    batch_size: most windows given to the network at once.
  """

  rows: grid.Axis
  columns: grid.Axis
  batch_size: int

  @property
  def factors(self) -> tuple[float, float]:
    """Network pixels in an image pixel, downwards and across."""
    return self.rows.factor, self.columns.factor


def plan_scene(
  predictor: predictors.Predictor,
  place: rasters.Raster,
  options: SceneOptions,
  *,
  gsd_m: float | None,
) -> Plan:
  """Lays windows over a scene.

  With a georeference they lie at places on the ground, so that a part of a
  scene is seen by the windows that see it in the whole.

  Args:
    predictor: the model.
    place: where the scene lies; no pixels needed.
    options: windows and scale.
    gsd_m: ground size of a pixel, metres, where the scene does not tell.

  Returns:
    The plan.

  Raises:
    errors.InputError: the scene is far coarser than the model expects.
    errors.FlagError: the overlap leaves no step between windows.
  """
  sides_m = place.sides_m or (gsd_m and (gsd_m, gsd_m))
  factors = factors_between(
    predictor.card, options.scale, sides_m=sides_m, name=place.path
  )
  windows = grid.Windows.for_predictor(
    predictor, options.window_px, options.overlap_px
  )
  if windows.overlap_px >= windows.window_px:
    raise errors.FlagError(
      f'--overlap_px={options.overlap_px} leaves no step between windows of '
      f'--window_px={options.window_px}. Choose a smaller overlap.'
    )
  rows, columns = (
    grid.Axis.of(size, anchor_px=anchor, factor=factor, windows=windows)
    for size, anchor, factor in zip(
      place.shape, _anchors(place.transform), factors, strict=True
    )
  )
  return Plan(rows=rows, columns=columns, batch_size=options.batch_size)


def predict_rows(
  predictor: predictors.Predictor,
  scene: feeding.Rows,
  plan: Plan,
  span: tuple[int, int],
) -> Iterator[tuple[int, np.ndarray]]:
  """Predicts some rows of a scene; reading and inference overlap.

  Args:
    predictor: the model.
    scene: its pixels.
    plan: how the windows lie.
    span: first row of the image wanted, a multiple of CHUNK_PX, and the row
      after the last one.

  Yields:
    First row, and float32 [n, W, K] of the next CHUNK_PX rows, NaN where the
    scene is unknown; K is the number of the model's outputs.
  """
  rows, columns = plan.rows, plan.columns
  cells = range(
    rows.cell_over(unfeeding.source_span(rows, span)[0]), rows.cells.stop
  )
  with contextlib.ExitStack() as stack:
    strips = stack.enter_context(
      contextlib.closing(
        ahead.working_ahead(feeding.strips(scene, rows, columns, cells))
      )
    )
    blended = stack.enter_context(
      contextlib.closing(
        ahead.working_ahead(
          blending.blend(predictor, strips, rows, columns, plan.batch_size)
        )
      )
    )
    yield from unfeeding.chunks(blended, rows, columns, span, CHUNK_PX)


def predict_scene(
  predictor: predictors.Predictor,
  raster: rasters.Raster,
  options: SceneOptions,
) -> np.ndarray:
  """Predicts the heights, and nothing else, of a scene in memory.

  Args:
    predictor: the model.
    raster: the image, uint8 [H, W, C].
    options: windows and scale.

  Returns:
    float32 [H, W] metres above ground; NaN where the image is unknown.

  Raises:
    errors.HeightnetError: as `predict_image`.
  """
  _check_bands(predictor.card, raster.pixels, raster.path)
  plan = plan_scene(predictor, raster, options, gsd_m=None)
  outputs = _predict_all(predictor, raster.pixels, plan)
  return np.where(raster.known, outputs[..., 0], np.float32(np.nan))


def predict_image(
  predictor: predictors.Predictor,
  image: np.ndarray,
  options: SceneOptions,
  *,
  gsd_m: float | None,
  name: str,
) -> np.ndarray:
  """Predicts an image in memory.

  Args:
    predictor: the model.
    image: uint8 [H, W, C].
    options: windows and scale.
    gsd_m: ground size of a pixel of the image, metres; None if unknown.
    name: of the image, for messages.

  Returns:
    float32 [H, W, K], the outputs of the model, height above ground first;
    metres.

  Raises:
    errors.ModelFileError: the model takes another number of bands.
    errors.InputError: the image is far coarser than the model expects.
    errors.FlagError: the overlap leaves no step between windows.
  """
  _check_bands(predictor.card, image, name)
  place = rasters.Raster(
    pixels=image,
    crs=None,
    transform=None,
    known=np.broadcast_to(np.bool_(True), image.shape[:2]),
    bands=predictor.card.bands,
    path=name,
  )
  plan = plan_scene(predictor, place, options, gsd_m=gsd_m)
  return _predict_all(predictor, image, plan)


def factors_between(
  card: model_card.ModelCard,
  scale: float | None,
  *,
  sides_m: tuple[float, float] | None,
  name: str,
) -> tuple[float, float]:
  """Works out by how much an image is resized before the network sees it.

  Args:
    card: of the model.
    scale: factor asked for, or None.
    sides_m: ground sizes of a pixel of the image, downwards and across,
      metres; None if unknown.
    name: of the image, for messages.

  Returns:
    Factors downwards and across: those asked for; else the ground sizes of
    the image's pixels over the model's, where both are known; else the
    model's own scale.

  Raises:
    errors.InputError: the image is far coarser than the model expects.
  """
  if scale is not None:
    return scale, scale
  if sides_m is None or card.gsd_m is None:
    return card.scale, card.scale
  down, across = (side / card.gsd_m for side in sides_m)
  if max(down, across) > _FARTHEST_SCALE:
    raise errors.InputError(
      f'{name} has pixels of {math.sqrt(math.prod(sides_m)):.3g} m, the model '
      f'was trained at {card.gsd_m:.3g} m. Expected pixels at most '
      f'{_FARTHEST_SCALE:g} times larger; give --scale to resize by a factor '
      'of your own.'
    )
  return down, across


def _anchors(transform):
  """Number of the first row and column, counted from where x and y are 0."""
  if transform is None:
    return None, None
  column, row = ~_at_zero(transform) @ (transform.c, transform.f)
  # A part of the scene has the same fraction.
  return math.floor(round(row, 6)), math.floor(round(column, 6))


def _at_zero(transform):
  return type(transform)(
    transform.a, transform.b, 0, transform.d, transform.e, 0
  )


def _check_bands(card, image, name):
  bands = image.shape[2]
  if bands != len(card.bands):
    raise errors.ModelFileError(
      f'The model expects {len(card.bands)} bands ({", ".join(card.bands)}), '
      f'{name} has {bands}. Choose an image or a model to match.'
    )


def _predict_all(predictor, image, plan):
  """Predicts every row, float32 [H, W, K]."""
  outputs = np.empty(
    (*image.shape[:2], len(predictor.card.outputs)), np.float32
  )
  span = 0, len(image)
  # Nothing to watch in a small image; nobody to watch outside a terminal.
  small = len(image) <= CHUNK_PX
  with tqdm.tqdm(
    total=len(image), unit='row', leave=False, disable=small or None
  ) as bar:
    for first, chunk in predict_rows(
      predictor, scene_rows.ArrayRows(image), plan, span
    ):
      outputs[first : first + len(chunk)] = chunk
      bar.update(len(chunk))
  return outputs
