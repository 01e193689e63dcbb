"""Pairs of the made-up world, made when they are read."""

from heightnet_tf.data import samples
from heightnet_tf.data.synthetic_city import city
from heightnet_tf.data.synthetic_city import styles


class MadeUpSource:
  """Tiles of the world; see `samples.Source`.

  The same arguments give the same tiles. Making one takes about a second: wrap
  it in `wrapped.CachedSource` to read them more than once.
  """

  def __init__(self, count: int, *, size_px: int, gsd_m: float, seed: int):
    """Makes nothing yet.

    Args:
      count: number of tiles.
      size_px: height and width of one.
      gsd_m: ground size of a pixel, metres.
      seed: of the world.
    """
    self.name = 'the made-up world'
    self.version = f'{city.VERSION}-{seed}-{size_px}-{gsd_m:g}'
    self.names = tuple(f'city_{index:06d}' for index in range(count))
    # No two show the same ground.
    self.groups = self.names
    self._size_px = size_px
    self._gsd_m = gsd_m
    self._seed = seed

  def __len__(self):
    return len(self.names)

  def read(self, index: int) -> samples.Sample:
    """Makes the tile at `index`, uint8 [size, size, 3] and its heights."""
    made = city.make(
      city.seed_of(self._seed, 'train', index),
      size_px=self._size_px,
      gsd_m=self._gsd_m,
      style=styles.WORLD,
      without=(),
    )
    return samples.Sample(
      name=self.names[index],
      group=self.groups[index],
      image=made.image,
      height_m=made.height_m,
      gsd_m=self._gsd_m,
    )
