import dataclasses

import affine
import numpy as np
import pytest
import rasterio.crs
from scipy import ndimage

from heightnet_tf import errors
from heightnet_tf.geo import raster as rasters
from heightnet_tf.geo import scene_rows
from heightnet_tf.inference import scenes


class FakePredictor:
  """Heights are the mean of the bands over ten; remembers what it was given."""

  def __init__(self, card, *, fixed_px=None, blur_px=0):
    self.card = card
    self.fixed_px = fixed_px
    self.shapes = []
    self._blur_px = blur_px

  def __call__(self, image):
    self.shapes.append(image.shape)
    grey = image.mean(-1, keepdims=True, dtype=np.float32) / 10
    if self._blur_px:
      size = 2 * self._blur_px + 1
      grey = ndimage.uniform_filter(grey, (1, size, size, 1), mode='constant')
    return grey


def _raster(image, *, gsd_m=None, transform=None, crs='EPSG:32610', known=None):
  if gsd_m:
    transform = affine.Affine(gsd_m, 0, 0, 0, -gsd_m, 0)
  return rasters.Raster(
    pixels=image,
    crs=rasterio.crs.CRS.from_string(crs) if transform else None,
    transform=transform,
    known=np.ones(image.shape[:2], bool) if known is None else known,
    bands=('red', 'green', 'blue')[: image.shape[2]],
    path='scene.tif',
  )


def _noise(height, width, bands=3):
  return np.random.default_rng(0).integers(
    0, 255, (height, width, bands), np.uint8
  )


def _heights(predictor, raster, options=None):
  height_m = scenes.predict_scene(predictor, raster, options or OPTIONS)
  assert height_m.dtype == np.float32
  return height_m


OPTIONS = scenes.SceneOptions(
  window_px=32, overlap_px=8, batch_size=4, scale=None
)


@pytest.mark.parametrize('gsd_m', [None, 0.5])
@pytest.mark.parametrize(
  'shape', [(300, 70), (32, 32), (33, 31), (5, 90), (7, 3), (1, 1)]
)
def test_heights_come_back_on_the_grid(make_card, shape, gsd_m):
  image = _noise(*shape)
  predictor = FakePredictor(make_card())
  height_m = _heights(predictor, _raster(image, gsd_m=gsd_m))
  np.testing.assert_allclose(height_m, image.mean(-1) / 10, rtol=1e-5)
  # Multiples of the stride only, and never more than were allowed.
  for count, *sides, _ in predictor.shapes:
    assert count <= 4
    assert all(side % 8 == 0 and side <= 32 for side in sides)


def test_a_small_image_costs_one_small_window(make_card):
  predictor = FakePredictor(make_card())
  _heights(predictor, _raster(_noise(10, 20)))
  assert predictor.shapes == [(1, 16, 24, 3)]


def test_a_model_of_fixed_size_gets_that_size(make_card):
  predictor = FakePredictor(make_card(), fixed_px=24)
  image = _noise(10, 60)
  height_m = _heights(predictor, _raster(image, gsd_m=0.5))
  assert {shape[1:3] for shape in predictor.shapes} == {(24, 24)}
  np.testing.assert_allclose(height_m, image.mean(-1) / 10, rtol=1e-5)


class RimPredictor(FakePredictor):
  """Heights that depend on where in its window a pixel lies, and on all."""

  def __call__(self, image):
    height_m = super().__call__(image)
    ramp = np.linspace(-3, 3, image.shape[2], dtype=np.float32)
    mean = image.mean((1, 2, 3), keepdims=True, dtype=np.float32) / 50
    return height_m + ramp[None, None, :, None] + mean


@pytest.mark.parametrize('card_gsd_m', [0.5, 0.7, 0.2, 1.7])
@pytest.mark.parametrize('turned', [0, 20])
def test_a_part_agrees_with_the_whole(make_card, card_gsd_m, turned):
  predictor = RimPredictor(make_card(gsd_m=card_gsd_m), blur_px=1)
  image = _noise(400, 330)
  place = affine.Affine(0.5, 0, 500123.4, 0, -0.5, 4200077.7)
  place @= affine.Affine.rotation(turned)
  whole = _raster(image, transform=place)
  top, left = 37, 21
  part = _raster(
    image[top:-23, left:-14],
    transform=place @ affine.Affine.translation(left, top),
  )
  # A window of 32 network pixels from the border, and the kernel's reach.
  away = int(np.ceil(36 * card_gsd_m / 0.5))
  inner = np.s_[away:-away, away:-away]
  expected_m = _heights(predictor, whole)[top:-23, left:-14][inner]
  assert expected_m.size > 1000
  np.testing.assert_allclose(
    _heights(predictor, part)[inner], expected_m, atol=0.01
  )


def test_windows_of_degrees_are_as_wide_as_tall_on_the_ground(make_card):
  # At 60 degrees north a degree of longitude is half as long.
  step = 0.5 / 111194.9
  raster = _raster(
    _noise(100, 100),
    crs='EPSG:4326',
    transform=affine.Affine(step, 0, 10, 0, -step, 60),
  )
  plan = scenes.plan_scene(
    FakePredictor(make_card()), raster, OPTIONS, gsd_m=None
  )
  np.testing.assert_allclose(plan.factors, [1, 0.5], rtol=1e-3)


def test_the_border_of_a_scene_is_predicted_from_inside_a_window(make_card):
  predictor = FakePredictor(make_card(), blur_px=2)
  image = np.full((100, 90, 3), 100, np.uint8)
  # Zero padding would take off 60 % in the corner.
  assert _heights(predictor, _raster(image)).min() > 9.5
  assert _heights(predictor, _raster(image, gsd_m=0.5)).min() > 9.5


def test_what_is_all_unknown_is_not_predicted(make_card):
  known = np.zeros((200, 200), bool)
  known[:30, :30] = True
  raster = _raster(_noise(200, 200), known=known)
  predictor = FakePredictor(make_card())
  plan = scenes.plan_scene(predictor, raster, OPTIONS, gsd_m=None)
  scene = scene_rows.ArrayRows(raster.pixels)
  scene.read = lambda first, stop: (
    raster.pixels[first:stop],
    known[first:stop],
  )
  rows = scenes.predict_rows(predictor, scene, plan, (0, 200))
  heights = np.concatenate([chunk[..., 0] for _, chunk in rows])
  # Two windows of 24 and their overlap reach 30 pixels, down and across.
  assert sum(shape[0] for shape in predictor.shapes) == 4
  np.testing.assert_array_equal(np.isfinite(heights), known)


@pytest.mark.parametrize('scale', [0.5, 1.0, 1.6])
def test_rows_from_the_middle_on_are_the_same_bits(make_card, scale):
  predictor = RimPredictor(make_card(), blur_px=1)
  image = _noise(700, 40)
  options = dataclasses.replace(OPTIONS, scale=scale)
  plan = scenes.plan_scene(
    predictor, _raster(image, gsd_m=0.5), options, gsd_m=None
  )
  scene = scene_rows.ArrayRows(image)
  whole = dict(scenes.predict_rows(predictor, scene, plan, (0, 700)))
  assert list(whole) == list(range(0, 700, scenes.CHUNK_PX))
  for first in (256, 640):
    again = dict(scenes.predict_rows(predictor, scene, plan, (first, 700)))
    for row, chunk in again.items():
      np.testing.assert_array_equal(chunk, whole[row])
  assert list(again) == [640]


def test_several_outputs_come_back(make_card):
  class Two(FakePredictor):
    def __call__(self, image):
      height_m = super().__call__(image)
      return np.concatenate([height_m, 2 * height_m + 1], axis=-1)

  card = make_card(outputs=('height_m', 'spread_m'))
  outputs = scenes.predict_image(
    Two(card), _noise(50, 90), OPTIONS, gsd_m=None, name='scene.tif'
  )
  assert outputs.shape == (50, 90, 2)
  np.testing.assert_allclose(outputs[..., 1], 2 * outputs[..., 0] + 1, 1e-5)


def test_unknown_pixels_have_unknown_heights(make_card):
  known = np.ones((40, 50), bool)
  known[3:9, 4:6] = False
  raster = _raster(_noise(40, 50), known=known)
  height_m = _heights(FakePredictor(make_card()), raster)
  np.testing.assert_array_equal(np.isnan(height_m), ~known)


@pytest.mark.parametrize(
  ('asked', 'raster_gsd_m', 'card_gsd_m', 'factor'),
  [
    (0.25, 1.0, 0.5, 0.25),
    (None, 1.0, 0.5, 2),
    (None, None, 0.5, 0.75),
    (None, 1.0, None, 0.75),
  ],
)
def test_scale_rule(make_card, asked, raster_gsd_m, card_gsd_m, factor):
  predictor = FakePredictor(make_card(gsd_m=card_gsd_m, scale=0.75))
  options = dataclasses.replace(OPTIONS, scale=asked)
  raster = _raster(_noise(16, 32), gsd_m=raster_gsd_m)
  plan = scenes.plan_scene(predictor, raster, options, gsd_m=None)
  assert plan.factors == (factor, factor)


def test_a_drone_image_of_small_pixels_is_reduced(make_card):
  predictor = FakePredictor(make_card(gsd_m=1.5))
  image = np.full((300, 450, 3), 70, np.uint8)
  height_m = _heights(predictor, _raster(image, gsd_m=0.05))
  np.testing.assert_allclose(height_m, 7)
  assert height_m.shape == (300, 450)


def test_far_larger_pixels_than_the_models_are_refused(make_card):
  predictor = FakePredictor(make_card(gsd_m=1.0))
  with pytest.raises(errors.InputError, match='at most 8 times larger'):
    _heights(predictor, _raster(_noise(16, 32), gsd_m=10.0))


def test_a_ground_size_given_counts_where_the_scene_tells_none(make_card):
  predictor = FakePredictor(make_card())
  for gsd_m, factor in ((None, 1.5), (0.5, 1.0)):
    raster = _raster(_noise(16, 32), gsd_m=gsd_m)
    plan = scenes.plan_scene(predictor, raster, OPTIONS, gsd_m=0.75)
    assert plan.factors == (factor, factor)


def _hills(shape):
  """Smooth heights, float [H, W], 0 to 250."""
  rough = np.random.default_rng(0).normal(size=shape)
  smooth = ndimage.gaussian_filter(rough, 4)
  return (smooth - smooth.min()) / np.ptp(smooth) * 250


@pytest.mark.parametrize('shape', [(80, 120), (81, 127)])
@pytest.mark.parametrize('scale', [0.5, 0.7, 1.0, 2.0])
def test_nothing_moves_when_a_scene_is_scaled(make_card, shape, scale):
  hills = _hills(shape)
  image = np.repeat(np.rint(hills).astype(np.uint8)[..., None], 3, axis=2)
  height_m = _heights(
    FakePredictor(make_card()),
    _raster(image),
    dataclasses.replace(OPTIONS, scale=scale),
  )
  assert height_m.shape == shape
  # The move, pixels, that explains the error best.
  inner = np.s_[4:-4, 4:-4]
  error_m = (height_m - hills / 10)[inner]
  for gradient in np.gradient(hills / 10):
    slope = gradient[inner]
    assert abs((error_m * slope).sum() / (slope * slope).sum()) < 0.02


def test_a_scale_near_zero_keeps_a_pixel(make_card):
  height_m = _heights(
    FakePredictor(make_card()),
    _raster(np.full((9, 9, 3), 50, np.uint8)),
    dataclasses.replace(OPTIONS, scale=0.01),
  )
  np.testing.assert_allclose(height_m, 5, rtol=1e-5)


def test_ground_sizes_far_apart_are_refused(make_card):
  with pytest.raises(errors.InputError, match=r'pixels of 10 m.*--scale'):
    scenes.predict_scene(
      FakePredictor(make_card()), _raster(_noise(4, 4), gsd_m=10.0), OPTIONS
    )


def test_wrong_number_of_bands_is_refused(make_card):
  with pytest.raises(errors.ModelFileError, match=r'expects 3 bands.*has 2'):
    scenes.predict_scene(
      FakePredictor(make_card()), _raster(_noise(4, 4, 2)), OPTIONS
    )


def test_an_overlap_as_large_as_the_window_is_refused(make_card):
  options = dataclasses.replace(OPTIONS, overlap_px=32)
  with pytest.raises(errors.FlagError, match='--overlap_px=32 leaves no step'):
    scenes.predict_scene(
      FakePredictor(make_card()), _raster(_noise(64, 64)), options
    )
