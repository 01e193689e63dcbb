import itertools

import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.data import samples
from heightnet_tf.data import splits
from heightnet_tf.data import wrapped
from tests import memory_source


def _named(names, groups, tile_px=32):
  return memory_source.MemorySource(
    [
      samples.Sample(
        name=name,
        group=group,
        image=np.zeros((tile_px, tile_px, 3), np.uint8),
        height_m=np.zeros((tile_px, tile_px), np.float32),
        gsd_m=None,
      )
      for name, group in zip(names, groups, strict=True)
    ],
    name='named',
  )


def _tiles(rows, columns, tile_px=32):
  names = [f's_{row}_{column}' for row in rows for column in columns]
  return _named(names, ['s'] * len(names), tile_px)


def _groups(sizes):
  groups = [f'g{i}' for i, size in enumerate(sizes) for _ in range(size)]
  order = np.random.default_rng(5).permutation(len(groups))
  return _named([f'n{i}' for i in order], [groups[i] for i in order])


@pytest.mark.parametrize('seed', range(5))
@pytest.mark.parametrize('percent', [1, 10, 25, 60, 99])
def test_no_group_on_both_sides_and_share_nearest(percent, seed):
  sizes = np.random.default_rng(seed).integers(1, 9, 7)
  source = _groups(sizes)
  training, validation = splits.split(source, percent=percent, seed=seed)
  assert sorted((*training, *validation)) == list(range(len(source)))
  assert training
  assert validation
  on = [{source.groups[i] for i in part} for part in (training, validation)]
  assert not on[0] & on[1]
  sums = {
    sum(chosen)
    for count in range(1, len(sizes))
    for chosen in itertools.combinations(sizes.tolist(), count)
  }
  target = len(source) * percent / 100
  assert abs(len(validation) - target) == min(abs(s - target) for s in sums)


def test_same_seed_same_split_and_seeds_differ():
  source = _groups([1] * 40)
  found = [splits.split(source, percent=25, seed=seed) for seed in range(4)]
  assert found[0] == splits.split(source, percent=25, seed=0)
  assert len(set(found)) > 1
  assert all(len(validation) == 10 for _, validation in found)


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize(
  'columns', [range(0, 320, 32), range(0, 320, 16), [*range(0, 100, 24), 113]]
)
def test_areas_of_one_scene_do_not_overlap(columns, seed):
  source = _tiles(range(0, 96, 16), columns)
  training, validation = splits.split(source, percent=20, seed=seed)
  covered = [np.zeros((200, 400), bool) for _ in range(2)]
  for part, mask in zip((training, validation), covered, strict=True):
    assert part
    for index in part:
      row, column = map(int, source.names[index].split('_')[1:])
      mask[row : row + 32, column : column + 32] = True
  assert not (covered[0] & covered[1]).any()
  assert len(validation) == pytest.approx(0.2 * len(source), abs=6)


def test_area_takes_a_side_and_drops_what_reaches_into_it():
  source = _tiles([0], [0, 16, 32, 48, 64])
  found = {splits.split(source, percent=40, seed=seed) for seed in range(9)}
  # East: tiles at 48 and 64; the one at 32 reaches to 64. West mirrors it.
  assert found == {((0, 1), (3, 4)), ((3, 4), (0, 1))}


def test_tiles_named_by_number_do_not_overlap():
  source = _tiles(range(3), range(4), tile_px=256)
  training, validation = splits.split(source, percent=25, seed=0)
  assert (len(training), len(validation)) == (9, 3)


def test_area_counts_pixels_of_the_files():
  tiles = _tiles([0], [0, 16, 32, 48, 64])
  half = wrapped.ResizedSource(tiles, scale=0.5, gsd_m=None)
  assert splits.split(half, percent=40, seed=1) == splits.split(
    tiles, percent=40, seed=1
  )


def test_one_column_is_cut_by_row():
  source = _tiles([0, 32, 64, 96], [0])
  training, validation = splits.split(source, percent=25, seed=0)
  assert (len(training), len(validation)) == (3, 1)


def test_no_validation():
  assert splits.split(_tiles([0], [0]), percent=0, seed=0) == ((0,), ())


@pytest.mark.parametrize(
  'source',
  [
    _tiles([0], [0]),
    _tiles([0], [0, 8, 16]),  # all overlap
    _named(['s', 's b'], ['s', 's']),
  ],
)
def test_cannot_be_split(source):
  with pytest.raises(errors.PairingError, match='named cannot be split'):
    splits.split(source, percent=10, seed=0)


@pytest.mark.parametrize('percent', [-1, 100])
def test_percent_out_of_range(percent):
  with pytest.raises(errors.FlagError, match=f'--validation={percent}'):
    splits.split(_groups([1, 1]), percent=percent, seed=0)
