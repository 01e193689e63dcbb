import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf.data import augmentation
from heightnet_tf.data import pipeline
from heightnet_tf.data import samples
from heightnet_tf.heights import weights
from tests import memory_source

_PHOTOMETRY = augmentation.Photometry(
  brightness=0.1,
  contrast=0.2,
  gamma=0.1,
  colour=0.1,
  mixing=0.1,
  haze=0.1,
  shadow=0.1,
  blur=0.5,
  noise=0.01,
  jpeg=0.5,
)
_RECIPE = pipeline.Recipe(
  crop_px=8,
  batch_size=2,
  seed=3,
  turns=True,
  scale_jitter=0.0,
  photometry=None,
)


def _source(shapes):
  return memory_source.MemorySource(
    [_sample(index, shape) for index, shape in enumerate(shapes)]
  )


def _sample(index, shape):
  random = np.random.default_rng(index)
  height_m = random.uniform(0, 50, shape).astype('float32')
  height_m[0, 0] = np.nan
  # The image tells the height, so that a test can see them stay together.
  image = np.repeat(np.nan_to_num(height_m)[..., None] * 5, 3, -1)
  return samples.Sample(
    name=str(index),
    group=str(index),
    image=image.astype('uint8'),
    height_m=height_m,
    gsd_m=0.5,
  )


_SOURCE = _source([(16, 16)] * 5)
_TABLE = weights.weigh(
  weights.count(np.random.default_rng(0).exponential(9, 9999)),
  power=0.5,
  smoothing_bins=2,
  clip=(0.1, 20),
)


def _take(dataset, count):
  return [
    tuple(part.numpy() for part in batch) for batch in dataset.take(count)
  ]


def test_batches_keep_the_contract():
  batches = pipeline.training_batches(_SOURCE, range(5), _TABLE, _RECIPE)
  for image, height_m, weight in _take(batches, 3):
    assert image.shape == (2, 8, 8, 3)
    assert height_m.shape == weight.shape == (2, 8, 8, 1)
    assert image.dtype == height_m.dtype == weight.dtype == np.float32
    assert 0 <= image.min() <= image.max() <= 255
    np.testing.assert_array_equal(weight == 0, np.isnan(height_m))


def test_image_and_heights_are_cut_and_turned_alike():
  batches = pipeline.training_batches(_SOURCE, range(5), _TABLE, _RECIPE)
  for image, height_m, _ in _take(batches, 4):
    known = np.isfinite(height_m[..., 0])
    np.testing.assert_allclose(
      image[..., 0][known], height_m[..., 0][known] * 5, atol=1
    )


def test_same_seed_same_batches_other_seed_others():
  recipe = dataclasses.replace(_RECIPE, photometry=_PHOTOMETRY)

  def images(recipe):
    found = pipeline.training_batches(_SOURCE, range(5), _TABLE, recipe)
    return np.stack([batch[0] for batch in _take(found, 4)])

  np.testing.assert_array_equal(images(recipe), images(recipe))
  other = dataclasses.replace(recipe, seed=4)
  assert not np.array_equal(images(recipe), images(other))


def test_a_later_start_gives_what_would_have_come():
  recipe = dataclasses.replace(_RECIPE, photometry=_PHOTOMETRY)
  whole = pipeline.training_batches(_SOURCE, range(5), _TABLE, recipe)
  rest = pipeline.training_batches(
    _SOURCE, range(5), _TABLE, recipe, start=7 * 2
  )
  for one, other in zip(_take(whole, 10)[7:], _take(rest, 3), strict=True):
    for a, b in zip(one, other, strict=True):
      np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize('start', [0, 3, 5, 12])
def test_every_epoch_takes_every_sample_once(start):
  order = pipeline.sample_order([4, 7, 9, 11, 20], 0, start)
  found = [(int(c), int(i)) for c, i in order.take(20)]
  assert [count for count, _ in found] == list(range(start, start + 20))
  by_epoch = {}
  for count, index in found:
    by_epoch.setdefault(count // 5, []).append(index)
  full = [sorted(e) for e in by_epoch.values() if len(e) == 5]
  assert full and all(epoch == [4, 7, 9, 11, 20] for epoch in full)
  assert len({tuple(e) for e in by_epoch.values() if len(e) == 5}) > 1


def test_shards_share_the_crops_out():
  recipe = dataclasses.replace(_RECIPE, batch_size=1)
  whole = pipeline.training_batches(_SOURCE, range(5), _TABLE, recipe)
  parts = [
    pipeline.training_batches(
      _SOURCE, range(5), _TABLE, recipe, shard=(2, worker)
    )
    for worker in range(2)
  ]
  every = [batch[0] for batch in _take(whole, 6)]
  for worker, part in enumerate(parts):
    for one, other in zip(every[worker::2], _take(part, 3), strict=True):
      np.testing.assert_array_equal(one, other[0])


def test_small_images_are_padded_with_unknown_heights():
  source = _source([(5, 20)])
  batches = pipeline.training_batches(source, [0], _TABLE, _RECIPE)
  _, height_m, _ = _take(batches, 1)[0]
  assert np.isnan(height_m).reshape(2, -1).mean(1).min() >= 3 / 8 - 1e-6


def test_scale_jitter_keeps_the_crop_size():
  recipe = dataclasses.replace(_RECIPE, scale_jitter=0.4)
  batches = pipeline.training_batches(_SOURCE, range(5), _TABLE, recipe)
  for image, height_m, _ in _take(batches, 3):
    assert image.shape == (2, 8, 8, 3)
    assert height_m.shape == (2, 8, 8, 1)


@pytest.mark.parametrize('inside_map', [False, True])
def test_weight_look_up(inside_map):
  height_m = np.array([-1.0, 0.5, 9.0, 9.99, 1e4, np.nan], 'float32')
  weigh = pipeline.weight_of(_TABLE)
  if inside_map:
    dataset = tf.data.Dataset.from_tensors(height_m).map(weigh)
    found = next(iter(dataset)).numpy()
  else:
    found = weigh(tf.constant(height_m)).numpy()
  table = _TABLE.weights
  expected = [table[0], table[0], table[9], table[9], table[-1], 0]
  np.testing.assert_allclose(found, expected)


def test_validation_covers_every_known_pixel_once():
  source = _source([(16, 16), (5, 20)])
  batches = pipeline.validation_batches(
    source, [0, 1], window_px=8, batch_size=4
  )
  parts = _take(batches, -1)
  assert {image.shape for image, _, _ in parts} == {(4, 8, 8, 3)}
  total = sum(np.nansum(height_m) for _, height_m, _ in parts)
  count = sum(weight.sum() for _, _, weight in parts)
  truth = [source.read(k).height_m for k in (0, 1)]
  assert count == sum(np.isfinite(h).sum() for h in truth)
  assert total == pytest.approx(sum(np.nansum(h) for h in truth), rel=1e-5)
