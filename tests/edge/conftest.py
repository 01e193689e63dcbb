import dataclasses
import pathlib
import subprocess
import sys

import keras
import numpy as np
import PIL.Image
import pytest

from heightnet_tf.export import litert
from heightnet_tf.export import metadata
from heightnet_tf.nets import networks
from tests import raster_files
from tests import small_models

EDGE = pathlib.Path(__file__).parents[2] / 'edge'


@pytest.fixture(scope='session')
def edge_models(tmp_path_factory):
  """Files of one network of two outputs, heights up to 30 m: name to path."""
  keras.utils.set_random_seed(0)
  random = np.random.default_rng(0)
  network = small_models.unet_of(base_filters=4, depth=2, uncertainty=True)
  net = networks.build(network)
  image = random.integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
  height_m = np.asarray(net(image)[0])
  kernel, bias = net.get_layer('height_m').get_weights()
  factor = 30 / np.ptp(height_m)
  net.get_layer('height_m').set_weights(
    [kernel * factor, (bias - height_m.min()) * factor]
  )
  kernel, bias = net.get_layer('spread_conv').get_weights()
  net.get_layer('spread_conv').set_weights(
    [random.normal(0, 1, kernel.shape), bias]
  )
  card = small_models.card_of(
    stride_px=4, outputs=('height_m', 'spread_m'), network=network
  )
  folder = tmp_path_factory.mktemp('edge')
  paths = {}
  for variant, side_px in (
    (litert.FLOAT32, None),
    (litert.FLOAT32, 64),
    (litert.INT8_IO, 64),
  ):
    ways = litert.attempts(net, image, resizable=side_px is None)
    told = metadata.describe(card, side_px=side_px, licence=None)
    name = litert.named(variant, side_px or 0)
    paths[name] = folder / name
    paths[name].write_bytes(metadata.embed(ways[variant][0].make(), told))
  return paths


@pytest.fixture(scope='session')
def edge_scenes(tmp_path_factory):
  """A photograph, and a GeoTIFF with a corner of no data: name to path."""
  folder = tmp_path_factory.mktemp('scenes')
  random = np.random.default_rng(1)
  photo = random.integers(0, 256, (70, 150, 3), np.uint8)
  PIL.Image.fromarray(photo).save(folder / 'photo.png')
  scene = random.integers(1, 256, (3, 150, 90), np.uint8)
  scene[:, :40, :30] = 0
  raster_files.write(
    folder / 'scene.tif',
    scene,
    nodata=0,
    transform=(raster_files.PLACE @ raster_files.PLACE.scale(0.7)),
  )
  return {path.name: path for path in folder.iterdir()}


@dataclasses.dataclass(frozen=True)
class Example:
  """The example, and what to try it on.

  Attributes:
    models: name to path.
    scenes: name to path.
    folder: where it runs; empty.
  """

  models: dict
  scenes: dict
  folder: pathlib.Path

  def run(self, *arguments, python=sys.executable):
    """Runs edge/predict.py; gives the finished process."""
    return subprocess.run(
      [python, str(EDGE / 'predict.py'), *map(str, arguments)],
      cwd=self.folder,
      capture_output=True,
      text=True,
      timeout=120,
      check=False,
    )


@pytest.fixture
def edge(edge_models, edge_scenes, tmp_path):
  return Example(models=edge_models, scenes=edge_scenes, folder=tmp_path)
