"""Changes to training images that leave the heights true."""

import dataclasses

import numpy as np
import tensorflow as tf

_BLUR = np.array([1.0, 2.0, 1.0]) / 4.0
# What the air before a scene looks like, of 255.
_AIRLIGHT = 0.85
# Width of a shadow's edge, as a share of an image's side.
_PENUMBRA = 0.02


@dataclasses.dataclass(frozen=True, kw_only=True)
class Photometry:
  """How far the looks of a training image may be changed.

  Attributes:
    brightness: largest shift, as a share of 255.
    contrast: largest change of the contrast around the image's mean, share.
    gamma: largest exponent of the brightness curve, as a logarithm.
    colour: largest change of a band's gain, share.
    mixing: largest share of the mean of the other bands mixed into a band:
      paler at most by this, more vivid at most by this.
    haze: largest share of light that comes from the air before the scene
      (Koschmieder 1924).
    shadow: largest share of light that a shadow takes, as of a cloud, on one
      side of a line across the image.
    blur: largest share of a 3 x 3 binomial blur mixed in.
    noise: largest standard deviation of noise, of 255.
    jpeg: share of the images that are compressed, with a quality of 30 to 90;
      for images of one or three bands.
  """

  brightness: float
  contrast: float
  gamma: float
  colour: float
  mixing: float
  haze: float
  shadow: float
  blur: float
  noise: float
  jpeg: float


def turned(image, height_m, choice):
  """Flips and quarter-turns an image and its heights alike.

  Args:
    image: [H, W, C].
    height_m: [H, W].
    choice: 0 to 7, one of the eight symmetries of the square.

  Returns:
    The same arrays, turned; contiguous.
  """
  image, height_m = np.rot90(image, choice), np.rot90(height_m, choice)
  if choice >= 4:
    image, height_m = image[:, ::-1], height_m[:, ::-1]
  return np.ascontiguousarray(image), np.ascontiguousarray(height_m)


def recolour(image, photometry, seed):
  """Changes brightness, colour, sharpness and grain, image by image.

  In the order of a camera: shadow, light, colour, air, lens, sensor, file.

  Args:
    image: float32 [B, H, W, C], 0-255.
    photometry: Photometry.
    seed: int [2], decides everything.

  Returns:
    float32 [B, H, W, C], 0-255.
  """
  seeds = tf.random.split(seed, 11)
  batch, bands = tf.shape(image)[0], tf.shape(image)[-1]
  each, each_band = (tf.stack([batch, 1, 1, n]) for n in (1, bands))

  def draw(index, shape, largest):
    return tf.random.stateless_uniform(
      shape, seeds[index], -largest, largest, tf.float32
    )

  gain = 1.0 + draw(0, each, photometry.contrast)
  tint = 1.0 + draw(1, each_band, photometry.colour)
  shift = 255.0 * draw(2, each, photometry.brightness)
  blur = tf.abs(draw(3, each, photometry.blur))
  gamma = tf.exp(draw(4, each, photometry.gamma))
  mixing = draw(5, each_band, photometry.mixing)
  noise = 255.0 * tf.abs(draw(6, each, photometry.noise))
  if photometry.shadow:
    image *= 1.0 - photometry.shadow * _shadow(image, seeds[10])
  mean = tf.reduce_mean(image, axis=(1, 2, 3), keepdims=True)
  image = ((image - mean) * gain + mean) * tint + shift
  image = tf.clip_by_value(image, 0.0, 255.0)
  image = 255.0 * (image / 255.0) ** gamma
  image += mixing * (tf.reduce_mean(image, axis=-1, keepdims=True) - image)
  if photometry.haze:
    veil = tf.abs(draw(9, each, photometry.haze))
    image += veil * (255.0 * _AIRLIGHT - image)
  image += blur * (_blurred(image) - image)
  if photometry.noise:
    image += noise * tf.random.stateless_normal(tf.shape(image), seeds[7])
  image = tf.clip_by_value(image, 0.0, 255.0)
  if photometry.jpeg and image.shape[-1] in (1, 3):
    image = _compressed(image, photometry.jpeg, seeds[8])
  return image


def _shadow(image, seed):
  """How dark it is, [B, H, W, 1], 0 to 1: a half-plane in each image."""
  batch, height, width = tf.unstack(tf.shape(image)[:3])
  drawn = tf.random.stateless_uniform((3, batch, 1, 1, 1), seed)
  depth, angle, place = drawn[0], 2 * np.pi * drawn[1], drawn[2] - 0.5
  down = tf.linspace(-0.5, 0.5, height)[:, None, None]
  across = tf.linspace(-0.5, 0.5, width)[:, None]
  inside = across * tf.cos(angle) + down * tf.sin(angle) - place
  return depth * tf.sigmoid(inside / _PENUMBRA)


def _compressed(image, share, seed):
  """Stores a share of the images as JPEG and reads them again."""
  drawn = tf.random.stateless_uniform((tf.shape(image)[0], 2), seed)
  quality = tf.cast(30.0 + 60.0 * drawn[:, 1], tf.int32)

  def compress(one):
    pixels, chosen, quality = one
    return tf.cond(
      chosen,
      lambda: 255.0 * tf.image.adjust_jpeg_quality(pixels / 255.0, quality),
      lambda: pixels,
    )

  return tf.map_fn(
    compress,
    (image, drawn[:, 0] < share, quality),
    fn_output_signature=tf.TensorSpec(image.shape[1:], tf.float32),
  )


def _blurred(image):
  bands = image.shape[-1]
  kernel = np.outer(_BLUR, _BLUR)[:, :, None, None]
  kernel = np.tile(kernel, (1, 1, bands, 1)).astype(np.float32)
  padded = tf.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], 'SYMMETRIC')
  return tf.nn.depthwise_conv2d(padded, kernel, [1, 1, 1, 1], 'VALID')
