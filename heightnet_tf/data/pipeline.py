"""From a source of pairs to batches of (image, height_m, weight)."""

import dataclasses

import numpy as np
import tensorflow as tf

from heightnet_tf.data import augmentation
from heightnet_tf.geo import resampling

# Nothing here is for AutoGraph, which would take a second to find that out.
_as_it_is = tf.autograph.experimental.do_not_convert


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe:
  """How training batches are cut and changed.

  Attributes:
    crop_px: side of a training crop.
    batch_size: crops in a batch of one replica.
    seed: decides order, crops and changes.
    turns: whether the eight flips and quarter turns are taken.
    scale_jitter: largest relative change of the size, 0 for none.
    photometry: augmentation.Photometry, None for none.
  """

  crop_px: int
  batch_size: int
  seed: int
  turns: bool
  scale_jitter: float
  photometry: augmentation.Photometry | None


def training_batches(
  source, indices, table, recipe, *, start=0, shard=(1, 0)
) -> tf.data.Dataset:
  """Endless training batches, the same for the same seed.

  Every epoch takes every sample once, in an order of its own. What a batch
  holds depends on the seed and on how many came before it alone, so that a
  run that starts again at crop `start` sees what it would have seen.

  Args:
    source: samples.Source; wrap it in sources.cached to decode only once.
    indices: int [N], the samples of `source` to train on.
    table: heights.weights.WeightTable.
    recipe: Recipe.
    start: how many crops (of all shards) were taken before.
    shard: number of workers and which one this is; a worker takes every so
      manieth crop.

  Returns:
    tf.data.Dataset of float32 image [B, crop, crop, C], height_m and weight
    [B, crop, crop, 1]; weight is 0 where the height is unknown.
  """
  bands = source.read(int(indices[0])).image.shape[-1]
  weigh = weight_of(table)

  @_as_it_is
  def read(count, index):
    image, height_m = tf.numpy_function(
      lambda count, index: _crop(source.read(int(index)), recipe, int(count)),
      (count, index),
      (tf.uint8, tf.float32),
    )
    image.set_shape((recipe.crop_px, recipe.crop_px, bands))
    height_m.set_shape((recipe.crop_px, recipe.crop_px))
    return count, image, height_m

  @_as_it_is
  def finish(count, image, height_m):
    image = tf.cast(image, tf.float32)
    if recipe.photometry:
      seed = tf.stack([tf.cast(recipe.seed, tf.int64), count[0]])
      image = augmentation.recolour(image, recipe.photometry, seed)
    height_m = height_m[..., None]
    return image, height_m, weigh(height_m)

  dataset = sample_order(indices, recipe.seed, start)
  dataset = dataset.shard(*shard)
  dataset = dataset.map(read, num_parallel_calls=tf.data.AUTOTUNE)
  dataset = dataset.batch(recipe.batch_size, drop_remainder=True)
  dataset = dataset.map(finish, num_parallel_calls=tf.data.AUTOTUNE)
  return dataset.prefetch(tf.data.AUTOTUNE)


def sample_order(indices, seed, start):
  """Endless (how many came before, index), shuffled anew for each epoch.

  Args:
    indices: int [N].
    seed: decides the order.
    start: how many to leave out.

  Returns:
    tf.data.Dataset of two int64 scalars.
  """
  indices = np.asarray(indices, np.int64)
  first = start // len(indices)

  @_as_it_is
  def epoch(number):
    order = tf.random.experimental.stateless_shuffle(
      indices, tf.stack([tf.cast(seed, tf.int64), number])
    )
    counts = number * len(indices) + tf.range(len(indices), dtype=tf.int64)
    return tf.data.Dataset.from_tensor_slices((counts, order))

  epochs = tf.data.Dataset.range(first, np.iinfo(np.int64).max)
  return epochs.flat_map(epoch).skip(start - first * len(indices))


def weight_of(table):
  """A function from heights to weights, for use inside tf.data.

  Args:
    table: heights.weights.WeightTable, None for 1 wherever known.

  Returns:
    height_m float32 [...] to weight float32 [...]; 0 where unknown.
  """

  def weight(height_m):
    known = tf.math.is_finite(height_m)
    if table is None:
      return tf.cast(known, tf.float32)
    last = len(table.weights) - 1
    # Replaced before arithmetic: the index of a NaN is anything.
    height_m = tf.where(known, height_m, 0.0)
    index = tf.cast(tf.floor(height_m / table.bin_m), tf.int32)
    weights = tf.gather(
      tf.constant(table.weights, tf.float32), tf.clip_by_value(index, 0, last)
    )
    return tf.where(known, weights, 0.0)

  return weight


def validation_batches(
  source, indices, *, window_px, batch_size
) -> tf.data.Dataset:
  """Every pixel of the samples once, in windows, unchanged.

  Args:
    source: samples.Source.
    indices: int [N], the samples of `source` to validate on.
    window_px: side of a window; images are padded to multiples of it.
    batch_size: windows in a batch; the last one is filled up with unknown.

  Returns:
    tf.data.Dataset of float32 image [B, window, window, C], height_m and
    weight [B, window, window, 1]; weight is 1 where the height is known.
  """

  def windows():
    for index in indices:
      sample = source.read(int(index))
      for row in range(0, sample.height_m.shape[0], window_px):
        for column in range(0, sample.height_m.shape[1], window_px):
          yield _window(sample, row, column, window_px)

  bands = source.read(int(indices[0])).image.shape[-1]
  side = (window_px, window_px)
  dataset = tf.data.Dataset.from_generator(
    windows,
    output_signature=(
      tf.TensorSpec((*side, bands), tf.uint8),
      tf.TensorSpec(side, tf.float32),
    ),
  )
  weigh = weight_of(None)

  @_as_it_is
  def finish(image, height_m):
    missing = batch_size - tf.shape(image)[0]
    image = tf.pad(image, [[0, missing], [0, 0], [0, 0], [0, 0]])
    height_m = tf.pad(
      height_m, [[0, missing], [0, 0], [0, 0]], constant_values=np.nan
    )[..., None]
    image = tf.ensure_shape(image, (batch_size, *side, bands))
    height_m = tf.ensure_shape(height_m, (batch_size, *side, 1))
    return tf.cast(image, tf.float32), height_m, weigh(height_m)

  return dataset.batch(batch_size).map(finish).prefetch(tf.data.AUTOTUNE)


def _crop(sample, recipe, count):
  """Cuts crop number `count`: uint8 [crop, crop, C], float32 [crop, crop]."""
  random = np.random.default_rng((recipe.seed, count))
  image, height_m = sample.image, sample.height_m
  jitter = random.uniform(-recipe.scale_jitter, recipe.scale_jitter)
  side = round(recipe.crop_px / (1 + jitter))
  row, column = (
    random.integers(0, max(length - side, 0) + 1) for length in height_m.shape
  )
  image, height_m = _window_at(image, height_m, row, column, side)
  if side != recipe.crop_px:
    shape = (recipe.crop_px, recipe.crop_px)
    image = resampling.resize_image(image, shape)
    height_m = resampling.sample_height(height_m, shape)
  # What lies a little below the ground model is ground.
  height_m = np.where(height_m < 0, 0, height_m).astype(np.float32)
  choice = int(random.integers(8)) if recipe.turns else 0
  return augmentation.turned(image, height_m, choice)


def _window(sample, row, column, side):
  return _window_at(sample.image, sample.height_m, row, column, side)


def _window_at(image, height_m, row, column, side):
  """Cuts a square; beyond the border image is reflected, height unknown."""
  image = image[row : row + side, column : column + side]
  height_m = height_m[row : row + side, column : column + side]
  missing = [(0, side - length) for length in height_m.shape]
  if any(after for _, after in missing):
    image = np.pad(image, (*missing, (0, 0)), mode='symmetric')
    height_m = np.pad(height_m, missing, constant_values=np.nan)
  return image, height_m
