import numpy as np
import pytest

from heightnet_tf.inference import grid

WINDOWS = grid.Windows(window_px=8, overlap_px=2, stride_px=4)


def _axis(size_px, anchor_px, *, factor=1.0, windows=WINDOWS):
  return grid.Axis.of(
    size_px, anchor_px=anchor_px, factor=factor, windows=windows
  )


def test_cells_by_hand():
  # Cells of 6 begin at 0, 6, 12; windows one pixel before.
  axis = _axis(10, 4)
  assert (axis.first, axis.stop) == (4, 14)
  assert axis.cells == range(3)
  assert [axis.span(cell) for cell in axis.cells] == [
    (3, 7),
    (5, 13),
    (11, 15),
  ]
  assert [axis.inside(cell) for cell in axis.cells] == [
    (4, 7),
    (5, 13),
    (11, 14),
  ]


def test_negative_places_are_places():
  axis = _axis(9, -8)
  assert (axis.first, axis.stop) == (-8, 1)
  assert axis.cells == range(-2, 1)


@pytest.mark.parametrize('anchor_px', [None, 4, -17])
def test_one_window_that_holds_all_is_as_small_as_can_be(anchor_px):
  axis = _axis(5, anchor_px)
  assert axis.cells == range(1)
  assert (axis.first, axis.stop) == (0, 5)
  assert axis.span(0) == (-1, 7)
  assert axis.to_image(2) == 2
  axis = _axis(9, None)
  assert axis.cells == range(2)


def test_the_pixels_of_the_network_are_those_that_the_image_reaches_into():
  axis = _axis(50, 3, factor=0.25)
  # 3 / 4 to 53 / 4.
  assert (axis.first, axis.stop) == (0, 14)
  assert axis.to_image(1) == 1
  assert axis.from_image(1) == 1
  # What is whole but for a rounding error is whole.
  axis = _axis(50, 10, factor=0.1 * 3)
  assert (axis.first, axis.stop) == (3, 18)


@pytest.mark.parametrize('overlap_px', [0, 1, 2, 5])
@pytest.mark.parametrize('anchor_px', [None, 0, 5, -17])
def test_shares_add_up_to_one(overlap_px, anchor_px):
  windows = grid.Windows(window_px=8, overlap_px=overlap_px, stride_px=4)
  axis = _axis(31, anchor_px, windows=windows)
  total = np.zeros(axis.stop - axis.first)
  for cell in axis.cells:
    first, stop = axis.inside(cell)
    shares = axis.shares(cell)
    assert (shares > 0).all()
    total[first - axis.first : stop - axis.first] += shares
  np.testing.assert_allclose(total, 1, rtol=1e-6)


def test_shares_do_not_know_where_a_scene_is_cut():
  whole, part = _axis(40, 3), _axis(20, 15)
  for cell in range(3, 5):
    np.testing.assert_array_equal(whole.shares(cell), part.shares(cell))
    assert whole.span(cell) == part.span(cell)


def test_which_rows_are_complete():
  axis = _axis(20, 0)
  # Windows -1..7, 5..13, 11..19, 17..21.
  assert axis.complete_from(0) == 0
  assert axis.complete_to(0) == 5
  assert axis.complete_from(1) == 7
  assert axis.complete_to(3) == 20
  assert [axis.cell_over(pixel) for pixel in (0, 6, 7, 13)] == [0, 0, 1, 2]


def test_windows_suit_the_predictor(make_card):
  class Fixed:
    fixed_px = 24
    card = make_card()

  class Free(Fixed):
    fixed_px = None

  assert grid.Windows.for_predictor(Fixed, 30, 20) == grid.Windows(
    window_px=24, overlap_px=12, stride_px=None
  )
  assert grid.Windows.for_predictor(Free, 30, 20) == grid.Windows(
    window_px=32, overlap_px=20, stride_px=8
  )
