import threading

import numpy as np
import pytest

from heightnet_tf.web import batching


class _Network:
  """Waits at its first call until it is let go; remembers its batches."""

  def __init__(self):
    self.shapes = []
    self.begun = threading.Event()
    self.go = threading.Event()

  def __call__(self, image):
    self.shapes.append(image.shape)
    self.begun.set()
    assert self.go.wait(10)
    if (image == 13).any():
      raise ValueError('unlucky')
    return image[..., :1].astype(np.float32)


@pytest.fixture
def network():
  return _Network()


@pytest.fixture
def sizes():
  return []


@pytest.fixture
def batcher(network, sizes):
  one = batching.Batcher(
    network, most_images=3, wait_s=0.0, observe=sizes.append
  )
  yield one
  network.go.set()
  one.close()


def _image(value, side=2):
  return np.full((side, side, 3), value, np.uint8)


def test_images_of_one_size_go_together_in_order(batcher, network, sizes):
  first = batcher.submit(_image(0))
  assert network.begun.wait(10)
  waiting = [
    batcher.submit(_image(*task))
    for task in ((1,), (2,), (3,), (4,), (5, 9), (6,))
  ]
  network.go.set()

  values = [answer.result(10).max() for answer in (first, *waiting)]

  assert values == [0, 1, 2, 3, 4, 5, 6]
  assert sizes == [1, 3, 1, 1, 1]
  assert [shape[1] for shape in network.shapes] == [2, 2, 2, 9, 2]


def test_a_failure_is_of_its_own_batch(batcher, network):
  network.go.set()
  failing = batcher.submit(_image(13))
  with pytest.raises(ValueError, match='unlucky'):
    failing.result(10)
  assert batcher.submit(_image(7)).result(10).shape == (2, 2, 1)


def test_closing_answers_what_was_taken(network):
  batcher = batching.Batcher(
    network, most_images=2, wait_s=0.0, observe=lambda _: None
  )
  answers = [batcher.submit(_image(value)) for value in range(5)]
  network.go.set()
  batcher.close()
  assert [answer.done() for answer in answers] == [True] * 5


def test_an_image_waits_for_others(network, sizes):
  network.go.set()
  batcher = batching.Batcher(
    network, most_images=2, wait_s=10.0, observe=sizes.append
  )
  answers = [batcher.submit(_image(value)) for value in (1, 2)]
  assert [answer.result(5).max() for answer in answers] == [1, 2]
  batcher.close()
  assert sizes == [2]


def test_what_nobody_waits_for_is_not_predicted(batcher, network):
  first = batcher.submit(_image(0))
  assert network.begun.wait(10)
  assert batcher.submit(_image(1)).cancel()
  network.go.set()
  assert first.result(10) is not None
  assert batcher.submit(_image(2)).result(10).max() == 2
  assert len(network.shapes) == 2


def test_large_images_go_alone(network, sizes):
  network.go.set()
  batcher = batching.Batcher(
    network, most_images=2, wait_s=10.0, observe=sizes.append
  )
  answers = [batcher.submit(_image(1, side=1024)) for _ in range(2)]
  assert [answer.result(5).max() for answer in answers] == [1, 1]
  batcher.close()
  assert sizes == [1, 1]
