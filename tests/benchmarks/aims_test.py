import pytest

from benchmarks import aims


def _row(name, **figures):
  return {
    'name': name,
    'mae_m_percent': -5,
    'rmse_m_percent': -20,
    'coverage_80': 0.8,
    'correlation': 0.5,
  } | figures


def _table(*, factor=0.8, rmse=-20, coverage=0.8, light=3, size=-4, int8=0.02):
  left_out = [
    {'name': 'autzen left out, predict 0 m'},
    _row('all places, start alone', rmse_m_percent=-12),
    _row('autzen left out, heightnet_tf, seed 0', rmse_m_percent=7),
    _row('autzen left out, heightnet_tf, seed 0, x 0.8', rmse_m_percent=rmse),
    _row(
      'autzen left out, pits filled, heightnet_tf, seed 0, x 0.8',
      coverage_80=coverage,
    ),
  ]
  changes = [
    {'name': 'blur', 'change_percent': light},
    {'name': '1 m per pixel', 'change_percent': size},
  ]
  parity = {
    'files': [
      {'file': 'height.keras', 'mae_change_m': 9, 'tall_mae_change_m': 9},
      {'file': 'a_int8.tflite', 'mae_change_m': int8, 'tall_mae_change_m': 0.1},
    ]
  }
  return aims.markdown(left_out, changes, parity, factor=factor).splitlines()


def test_what_is_shipped_is_shown():
  table = _table()
  assert len(table) == 11
  assert '| autzen -20; autzen, pits filled -20 | yes |' in table[3]
  assert not any('**no**' in line for line in table)


@pytest.mark.parametrize(
  ('figures', 'line'),
  [
    ({'rmse': -14}, 3),
    # Of the heights as they were, not multiplied.
    ({'factor': 1}, 3),
    ({'coverage': 0.65}, 4),
    ({'coverage': 0.95}, 4),
    ({'light': 11}, 7),
    ({'size': -21}, 8),
    ({'int8': -0.2}, 9),
  ],
)
def test_an_aim_that_is_not_reached_says_so(figures, line):
  table = _table(**figures)
  assert [i for i, row in enumerate(table) if row.endswith('**no** |')] == [
    line
  ]


def test_light_may_lower_the_error_by_more():
  assert _table(light=-30)[7].endswith('yes |')
