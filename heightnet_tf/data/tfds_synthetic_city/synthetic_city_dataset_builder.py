"""Builder `synthetic_city`: made-up cities as a TFDS data set.

Nothing is downloaded; every example is made from its seed:

  builder = tfds.builder('synthetic_city/small')

and in the scripts of this project `--data=tfds:synthetic_city/small`.
"""

import dataclasses

import tensorflow_datasets as tfds

from heightnet_tf.data import pair_features
from heightnet_tf.data import samples
from heightnet_tf.data.synthetic_city import city
from heightnet_tf.data.synthetic_city import styles


@dataclasses.dataclass
class SyntheticCityConfig(tfds.core.BuilderConfig):
  """How many cities of what size.

  Attributes:
    train: number of examples; validation and test have a tenth each.
    size_px: height and width of an example.
    gsd_m: ground size of one pixel, metres.
    seed: of the data set.
    style: of all cities, see `styles`.
  """

  # A config may be written by hand as JSON, so its fields have defaults.
  train: int = 1000
  size_px: int = 256
  gsd_m: float = 0.5
  seed: int = 0
  style: str = styles.WORLD


class Builder(tfds.core.GeneratorBasedBuilder):
  """Overhead images of synthetic cities with the heights they show."""

  VERSION = tfds.core.Version(city.VERSION)
  RELEASE_NOTES = {  # noqa: RUF012 - as TFDS reads it
    '2.1.0': 'Plants and malls.',
    '2.0.0': 'More of the world.',
  }
  BUILDER_CONFIGS = [  # noqa: RUF012 - as TFDS reads it
    SyntheticCityConfig(
      name='tiny', description='For tests.', train=10, size_px=64, gsd_m=1.0
    ),
    SyntheticCityConfig(name='small', description='For a demo.', train=500),
    SyntheticCityConfig(
      name='medium', description='For pre-training.', train=10_000, size_px=320
    ),
  ]
  builder_config_cls = SyntheticCityConfig

  def _info(self):
    return self.dataset_info_from_configs(
      description='Synthetic cities: image and height above ground, metres.',
      features=pair_features.features(),
    )

  def _split_generators(self, dl_manager):
    config = self.builder_config
    tenth = max(1, config.train // 10)
    counts = {'train': config.train, 'validation': tenth, 'test': tenth}
    return {
      split: self._generate_examples(split, count)
      for split, count in counts.items()
    }

  def _generate_examples(self, split, count):
    config = self.builder_config
    for index in range(count):
      made = city.make(
        city.seed_of(config.seed, split, index),
        size_px=config.size_px,
        gsd_m=config.gsd_m,
        style=config.style,
        without=(),
      )
      name = f'city_{split}_{index:06d}'
      yield pair_features.example(
        samples.Sample(
          name=name,
          group=name,
          image=made.image,
          height_m=made.height_m,
          gsd_m=config.gsd_m,
        )
      )
