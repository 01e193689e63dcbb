from absl import logging
import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.data import samples
from heightnet_tf.training import material
from tests import memory_source

_WEIGHTING = material.Weighting(power=0.5, smoothing_bins=0, clip=(0.1, 20))


def _source(heights, name='memory', bands=3):
  return memory_source.MemorySource(
    [
      samples.Sample(
        name=f's{k}',
        group=f's{k}',
        image=np.zeros((4, 4, bands), np.uint8),
        height_m=height_m,
        gsd_m=0.5,
      )
      for k, height_m in enumerate(heights)
    ],
    name=name,
  )


def _flat(height_m):
  return np.full((4, 4), height_m, np.float32)


def _gather(source, percent=50, extra=None, share=0.5, tall_share=0):
  return material.gather(
    source,
    extra,
    extra_share=share,
    tall_share=tall_share,
    validation_percent=percent,
    weighting=_WEIGHTING,
    seed=0,
  )


def test_counts_training_heights_only():
  found = _gather(_source([_flat(k + 0.5) for k in range(4)]))
  assert len(found.train) == len(found.validation) == 2
  assert not set(found.train) & set(found.validation)
  counted = np.flatnonzero(found.table.counts)
  assert sorted(counted) == sorted(found.train)
  assert found.table.counts.sum() == 32
  assert found.gsd_m == 0.5
  assert found.bands == 3


@pytest.mark.parametrize('share', [0.75, 0.25])
def test_extra_pairs_are_trained_on_in_their_share_alone(share):
  extra = _source([_flat(k + 10.5) for k in range(6)], name='extra')
  found = _gather(_source([_flat(0.5)] * 4), extra=extra, share=share)
  of_extra = found.train[found.train >= 4]
  assert set(of_extra) == set(range(4, 10))
  assert len(of_extra) / len(found.train) == pytest.approx(share, abs=0.05)
  assert set(found.validation) < set(range(4))
  tall = found.table.counts[10:].sum()
  assert tall / found.table.counts.sum() == pytest.approx(share, abs=0.05)
  assert found.source.read(5).height_m[0, 0] == 11.5
  assert [source.name for source in found.sources] == ['memory', 'extra']


def test_pairs_with_much_that_is_tall_are_seen_in_their_share():
  heights = [_flat(30.0 if k % 4 == 0 else 1.0) for k in range(16)]
  alike = _gather(_source(heights), percent=25)
  found = _gather(_source(heights), percent=25, tall_share=0.6)
  assert set(found.train) == set(alike.train)
  assert set(found.validation) == set(alike.validation)
  tallest = found.table.counts[10:].sum() / found.table.counts.sum()
  before = alike.table.counts[10:].sum() / alike.table.counts.sum()
  assert before < 0.4
  assert tallest == pytest.approx(0.6, abs=0.05)


def test_a_single_pair_has_no_share_to_give():
  found = _gather(_source([_flat(30.0), _flat(30.0)]), tall_share=0.6)
  assert len(found.train) == 1


def test_extra_pairs_of_other_bands_are_refused():
  extra = _source([_flat(1.0)], name='extra', bands=4)
  with pytest.raises(errors.InputError, match=r'extra have 4 bands.*memory 3'):
    _gather(_source([_flat(1.0)] * 4), extra=extra)


@pytest.mark.parametrize('percent', [0, 100])
def test_a_split_that_leaves_nothing_is_refused(percent):
  with pytest.raises(errors.FlagError, match='--validation'):
    _gather(_source([_flat(1.0)] * 4), percent)


def test_all_unknown_is_an_error():
  with pytest.raises(errors.HeightError, match='unknown'):
    _gather(_source([_flat(np.nan)] * 4))


def test_heights_like_centimetres_are_warned_of(monkeypatch):
  said = []
  monkeypatch.setattr(
    logging, 'warning', lambda text, *parts: said.append(text % parts)
  )
  centimetres = np.linspace(0, 3000, 16, dtype=np.float32).reshape(4, 4)
  _gather(_source([centimetres] * 4))
  assert any('--height_scale' in line for line in said)
