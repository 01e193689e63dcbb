import dataclasses

import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.export import parity
from heightnet_tf.export import tiles

_TILES = tiles.Tiles(
  image=np.zeros((2, 1, 2, 3), np.float32),
  height_m=np.array([[[[1.0], [5.0]]], [[[np.nan], [3.0]]]], np.float32),
)
_LIMITS = parity.Limits(mae_m=0.1, tall_mae_m=0.5)
_ROW = parity.Row(
  file='height_int8.tflite',
  note='last 4 convolutions in float',
  mae_m=1.2,
  mae_change_m=-0.2,
  tall_mae_change_m=0.5,
  mean_difference_m=0.3,
  largest_difference_m=2.0,
  limit_m=0.2,
  tall_limit_m=0.5,
  size_mb=0.5,
  latency_ms=7.0,
  bins=[
    {
      'low_m': 0.0,
      'high_m': 20.0,
      'pixels': 2,
      'mae_m': 1.0,
      'mae_change_m': -0.25,
    },
    {
      'low_m': 20.0,
      'high_m': None,
      'pixels': 0,
      'mae_m': None,
      'mae_change_m': None,
    },
  ],
)


def _constant(height_m):
  return lambda image: np.full((*image.shape[:3], 1), height_m, np.float32)


def test_mae_pools_known_pixels_by_hand():
  measured = parity.measure(_constant(2.0), _TILES)

  assert measured.errors_m['mae_m'] == pytest.approx((1 + 3 + 1) / 3)
  assert measured.height_m.shape == (2, 1, 2, 1)
  assert measured.latency_ms > 0


def test_a_row_by_hand(tmp_path):
  (tmp_path / 'a.tflite').write_bytes(bytes(2000))
  reference = parity.measure(_constant(2.0), _TILES)
  other = parity.measure(_constant(2.5), _TILES)

  row = parity.compare(
    tmp_path / 'a.tflite', other, reference, limits=_LIMITS, note=''
  )

  assert row.file == 'a.tflite'
  assert row.mae_change_m == pytest.approx((1.5 + 2.5 + 0.5) / 3 - 5 / 3)
  assert row.mean_difference_m == row.largest_difference_m == 0.5
  assert row.size_mb == 0.002
  assert row.tall_mae_change_m is None
  # Truths are 1 m; 3 m, unknown and none; 5 m.
  assert [one['pixels'] for one in row.bins] == [1, 1, 1, 0, 0, 0]
  assert [one['mae_change_m'] for one in row.bins[:4]] == [
    0.5,
    -0.5,
    -0.5,
    None,
  ]


def test_tall_pixels_count_from_20_m():
  truth_m = np.array([[[[19.0], [20.0], [40.0]]]], np.float32)
  tall = tiles.Tiles(image=np.zeros((1, 1, 3, 3), np.float32), height_m=truth_m)
  reference = parity.measure(lambda image: truth_m, tall)
  other = parity.measure(_constant(20.0), tall)

  row = parity.compare(__file__, other, reference, limits=_LIMITS, note='')

  assert row.tall_mae_change_m == pytest.approx((0 + 20) / 2)
  assert not row.passes


def test_a_folder_weighs_what_its_files_weigh(tmp_path):
  (tmp_path / 'deep').mkdir()
  (tmp_path / 'deep' / 'a').write_bytes(bytes(1000))
  (tmp_path / 'b').write_bytes(bytes(500))

  assert parity.size_mb(tmp_path) == 0.0015


def test_a_change_at_the_limit_passes():
  parity.require([_ROW])


@pytest.mark.parametrize(
  'change',
  [
    {'limit_m': 0.19},
    {'tall_limit_m': 0.49},
    {'tall_mae_change_m': -0.51},
    {'mae_change_m': float('nan')},
    {'largest_difference_m': float('inf')},
  ],
)
def test_a_file_that_is_too_far_is_refused(change):
  rows = [_ROW, dataclasses.replace(_ROW, file='bad', **change)]

  with pytest.raises(errors.ExportError, match=r'much: bad by [^;]* Nothing'):
    parity.require(rows)


def test_nothing_tall_passes():
  parity.require([dataclasses.replace(_ROW, tall_mae_change_m=None)])


def test_the_table_tells_files_and_then_bins():
  lines = parity.table([_ROW, _ROW]).splitlines()

  assert len(lines) == 6
  assert lines[1].split() == [
    *('height_int8.tflite', '1.2000', '-0.2000', '0.2', '+0.500'),
    *('2.0000', '0.50', '7.0', 'last', '4', 'convolutions', 'in', 'float'),
  ]
  assert lines[4].split()[-2:] == ['0–20', '20+']
  assert lines[5].split() == ['height_int8.tflite', '-0.250', '-']
