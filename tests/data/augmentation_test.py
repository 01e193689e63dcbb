import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf.data import augmentation

_STILL = augmentation.Photometry(
  brightness=0,
  contrast=0,
  gamma=0,
  colour=0,
  mixing=0,
  haze=0,
  shadow=0,
  blur=0,
  noise=0,
  jpeg=0,
)
_LIVELY = augmentation.Photometry(
  brightness=0.2,
  contrast=0.3,
  gamma=0.3,
  colour=0.2,
  mixing=0.3,
  haze=0.3,
  shadow=0.5,
  blur=1.0,
  noise=0.02,
  jpeg=0.5,
)


def test_the_eight_turns_are_all_different_and_keep_pixels_together():
  height_m = np.arange(4.0).reshape(2, 2)
  image = np.repeat(height_m[..., None], 3, -1)
  seen = set()
  for choice in range(8):
    turned, height = augmentation.turned(image, height_m, choice)
    np.testing.assert_array_equal(turned[..., 0], height)
    seen.add(tuple(height.ravel()))
  assert len(seen) == 8


@pytest.mark.parametrize('inside_map', [False, True])
def test_recolouring(inside_map):
  image = np.random.default_rng(0).uniform(0, 255, (2, 6, 6, 3))
  image = tf.constant(image, tf.float32)

  def change(image):
    return augmentation.recolour(image, _LIVELY, tf.constant([1, 2]))

  if inside_map:
    dataset = tf.data.Dataset.from_tensors(image).map(change)
    found = next(iter(dataset)).numpy()
  else:
    found = change(image).numpy()
  assert found.shape == image.shape
  assert 0 <= found.min() <= found.max() <= 255
  assert np.abs(found - image).mean() > 1


def test_no_change_allowed_means_no_change():
  image = tf.random.stateless_uniform((2, 4, 4, 3), [1, 2], 0, 255)
  found = augmentation.recolour(image, _STILL, tf.constant([0, 0]))
  np.testing.assert_allclose(found, image, atol=1e-3)


def test_blur_keeps_a_flat_image():
  photometry = dataclasses.replace(_STILL, blur=1.0)
  image = tf.fill((1, 5, 5, 3), 80.0)
  found = augmentation.recolour(image, photometry, tf.constant([0, 1]))
  np.testing.assert_allclose(found, image, atol=1e-3)


def test_haze_moves_what_is_dark_more_than_what_is_bright():
  photometry = dataclasses.replace(_STILL, haze=0.5)
  image = tf.constant([0.0, 100.0, 255.0])[None, None, :, None]
  found = augmentation.recolour(image, photometry, tf.constant([0, 1])).numpy()
  dark, middle, bright = found[0, 0, :, 0]
  veil = dark / (0.85 * 255)
  assert 0 < veil <= 0.5
  np.testing.assert_allclose(middle, 100 + veil * (0.85 * 255 - 100), rtol=1e-4)
  assert bright < 255


def test_a_shadow_lies_on_one_side_of_a_line_and_takes_light_alone():
  photometry = dataclasses.replace(_STILL, shadow=0.6)
  image = tf.fill((20, 32, 32, 3), 100.0)
  found = augmentation.recolour(image, photometry, tf.constant([0, 1])).numpy()
  assert 40 - 1e-3 <= found.min() < 90
  assert found.max() <= 100 + 1e-3
  # Every band alike, and for every image another line.
  np.testing.assert_array_equal(found[..., 0], found[..., 2])
  shares = (found[..., 0] > 99).mean(axis=(1, 2))
  assert ((shares > 0.05) & (shares < 0.95)).sum() > 5
  assert len(np.unique(shares)) > 5


def test_gamma_keeps_black_and_white_and_moves_what_is_between():
  image = tf.constant([0.0, 128.0, 255.0])[None, None, :, None]
  photometry = dataclasses.replace(_STILL, gamma=0.5)
  found = augmentation.recolour(image, photometry, tf.constant([0, 1])).numpy()
  np.testing.assert_allclose(found[0, 0, [0, 2], 0], [0, 255], atol=1e-3)
  assert abs(found[0, 0, 1, 0] - 128) > 1


def test_mixing_keeps_grey_and_changes_colour():
  grey, red = tf.fill((1, 2, 2, 3), 90.0), tf.constant([[[[200.0, 50, 50]]]])
  photometry = dataclasses.replace(_STILL, mixing=0.5)
  seed = tf.constant([0, 1])
  found = augmentation.recolour(grey, photometry, seed)
  np.testing.assert_allclose(found, grey, atol=1e-3)
  found = augmentation.recolour(red, photometry, seed)
  assert np.abs(found - red).max() > 1


def test_a_share_is_compressed():
  image = tf.random.stateless_uniform((32, 16, 16, 3), [1, 2], 0, 255)
  photometry = dataclasses.replace(_STILL, jpeg=0.5)
  found = augmentation.recolour(image, photometry, tf.constant([0, 1]))
  changed = np.abs(found - image).max(axis=(1, 2, 3)) > 1
  assert 8 < changed.sum() < 24


def test_noise_has_at_most_the_deviation():
  image = tf.fill((16, 32, 32, 1), 128.0)
  photometry = dataclasses.replace(_STILL, noise=0.02)
  found = augmentation.recolour(image, photometry, tf.constant([0, 1]))
  deviation = found.numpy().std(axis=(1, 2, 3))
  assert 0.1 < deviation.max() < 0.022 * 255
