import pytest

from benchmarks import speed_figures as figures


def test_slope_of_what_doubles_with_the_size_is_1():
  assert figures.slope([1, 4, 16], [3, 12, 48]) == pytest.approx(1)
  assert figures.slope([1, 4, 16], [5, 5, 5]) == pytest.approx(0)
  assert figures.slope([1, 2, 4], [1, 4, 16]) == pytest.approx(2)


def test_ratio_is_the_median_over_pairs_and_not_of_the_sides():
  # Pairs: 3, 0.5 and 2 times; a slow minute of the machine meets both sides.
  assert figures.ratio([1, 10, 2], [3, 5, 4]) == 2


def test_a_section_replaces_the_one_before():
  text = '# Results\nabove\n'
  once = figures.with_section(text, 'one')
  assert once.startswith(text)
  below = once + 'below\n'
  again = figures.with_section(below, 'two')
  assert again == below.replace('one', 'two')
  assert figures.with_section(again, 'two') == again


@pytest.mark.parametrize(
  ('value', 'bound', 'met'),
  [
    (1.2, ('least', 1.15), True),
    (1.1, ('least', 1.15), False),
    (15.0, ('most', 15.0), True),
    (15.1, ('most', 15.0), False),
    (None, ('most', 15.0), False),
  ],
)
def test_reached(value, bound, met):
  assert figures.reached(value, bound) is met


def test_the_table_shows_figures_and_what_was_missed():
  rows = [
    {
      'name': 'train',
      'value': 1.234,
      'ours': 0.5,
      'peer': 0.617,
      'share_of_ceiling': 0.5,
      'peak_mb': [100, 200],
      'how': 'float32',
    },
    {'name': 'broken', 'value': None, 'how': 'ended early'},
  ]
  reach = {'train': ('least', 2.0), 'broken': ('most', 1.0)}
  table = figures.table(rows, reach).splitlines()
  assert table[2] == (
    '| `train` | 1.23 | >= 2, **missed** | 0.500 s | 0.617 s | 0.500 | '
    '100, 200 | float32 |'
  )
  assert table[3].startswith('| `broken` |  | <= 1, **missed** |  |  |')
  assert figures.told(rows[0], reach) == ('train: 1.23 (>= 2, missed); float32')
  assert figures.told(rows[1], {}) == 'broken: not measured; ended early'


def test_shown_in_three_digits():
  shown = [figures.shown(value) for value in (None, 0, 0.01234, 12.34, 12345.6)]
  assert shown == ['', '0', '0.0123', '12.3', '12346']
