import keras

from benchmarks import speed_operations


def _counted(*layers):
  network = keras.Sequential([keras.Input((8, 8, 3), batch_size=1), *layers])
  return speed_operations.count(network.layers)


def test_operations_of_a_convolution_by_hand():
  conv = keras.layers.Conv2D(5, 3, strides=2, padding='same')
  # 4 x 4 pixels, 5 filters of 3 x 3 x 3, a product and a sum each.
  once = 2 * 16 * 5 * 27
  assert _counted(keras.layers.Rescaling(2.0), conv) == {
    'forward': once,
    # The gradient by an image is not needed, however it is scaled.
    'training': 2 * once,
  }


def test_operations_of_other_convolutions_by_hand():
  first = keras.layers.Conv2D(4, 1)
  deep = keras.layers.DepthwiseConv2D(3, padding='same')
  up = keras.layers.Conv2DTranspose(2, 2, strides=2)
  once = {
    'first': 2 * 64 * 3 * 4,
    'deep': 2 * 64 * 4 * 9,
    # Each of 8 x 8 pixels meets the kernel once.
    'up': 2 * 64 * 2 * 2 * 4 * 2,
  }
  counted = _counted(first, deep, keras.layers.ReLU(), up)
  assert counted == {
    'forward': sum(once.values()),
    'training': 3 * sum(once.values()) - once['first'],
  }
