"""Makes what the tests of the page compare with, by the project's own code.

  python web/tests/reference.py --output=web/tests/made
  python web/tests/reference.py --output=web/tests/made --check=page/asked.json

The first makes a small model, images and what Python reads and predicts of
them. The second looks at what the page has written: asked.json names raw
pixels that the page has read (predicted again here) and a GeoTIFF of heights.
"""

import dataclasses
import json
import pathlib

from absl import flags
import numpy as np
import PIL.Image
import rasterio
import rasterio.transform

from heightnet_tf import command
from heightnet_tf import model_card
from heightnet_tf.geo import reading
from heightnet_tf.inference import backends
from heightnet_tf.inference import scenes
from heightnet_tf.pictures import colours

_OUTPUT = flags.DEFINE_string('output', None, 'Folder to write into.')
_CHECK = flags.DEFINE_string(
  'check', None, 'A file of the page to look at, instead of making anything.'
)

_SAMPLE = pathlib.Path(__file__).parents[1] / 'public/sample/scene.tif'
_MODEL = 'height.tflite'
_WINDOW_PX = 128
_TALL_M = 30.0
# As predict_main.py does by default.
_OPTIONS = scenes.SceneOptions(
  window_px=512, overlap_px=64, batch_size=2, scale=None
)
_CARD = model_card.ModelCard(
  gsd_m=0.5,
  scale=1.0,
  bands=('red', 'green', 'blue'),
  window_px=_WINDOW_PX,
  stride_px=4,
  network={
    'name': 'unet',
    'arguments': {
      'bands': 3,
      'base_filters': 4,
      'depth': 2,
      'normalisation': 'batch',
      'uncertainty': True,
    },
  },
  weighting={},
  training_data=[],
  training_median_m=1.0,
  accuracy={'val_mae_m': 1.25},
  made_by='a test',
  outputs=('height_m', 'spread_m'),
)


def _make_model(path):
  """Writes a network with random weights whose heights reach some 30 m."""
  import keras

  from heightnet_tf.export import litert
  from heightnet_tf.nets import networks

  keras.utils.set_random_seed(0)
  random = np.random.default_rng(0)
  net = networks.build(_CARD.network)
  for layer in net.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
      layer.set_weights(
        [random.uniform(0.5, 1.5, one.shape) for one in layer.get_weights()]
      )
  tiles = np.stack([_picture(random, _WINDOW_PX, _WINDOW_PX) for _ in range(2)])
  tiles = tiles.astype(np.float32)
  height_m = np.asarray(net(tiles)[0])
  factor = _TALL_M / np.ptp(height_m)
  last = net.get_layer('height_m')
  kernel, bias = last.get_weights()
  last.set_weights([kernel * factor, (bias - height_m.min()) * factor])
  # Without this every pixel has the same spread.
  spread = net.get_layer('spread_conv')
  kernel, bias = spread.get_weights()
  spread.set_weights([random.normal(size=kernel.shape), bias])
  path.write_bytes(litert.convert(net, tiles)[litert.FLOAT32])
  model_card.attach(_CARD, path)


def _picture(random, height, width):
  """Blocks of colour and some noise, uint8 [height, width, 3]."""
  rows, columns = -(-height // 12), -(-width // 12)
  blocks = random.integers(30, 220, (rows, columns, 3))
  image = blocks.repeat(12, axis=0).repeat(12, axis=1)[:height, :width]
  return (image + random.integers(-20, 20, image.shape)).astype(np.uint8)


def _make_images(folder):
  random = np.random.default_rng(1)
  # Pixels of 0.8 m: enlarged by 1.6 for the model.
  _write(
    folder / 'georeferenced.tif',
    _picture(random, 96, 131),
    crs='EPSG:32616',
    transform=rasterio.transform.from_origin(500000, 4200000, 0.8, 0.8),
  )
  # 16 bits, shrunk by 0.6, with a corner of no data.
  deep = _picture(random, 140, 150).astype(np.uint16) * 41 + 300
  deep[:20, :30] = 0
  _write(
    folder / 'deep.tif',
    deep,
    crs='EPSG:32616',
    nodata=0,
    compress='deflate',
    predictor=2,
    transform=rasterio.transform.from_origin(500000, 4200000, 0.3, 0.3),
  )
  for name, crs, side, north in (
    ('feet', 'EPSG:2992', 2.5, 870000),
    ('degrees', 'EPSG:4326', 1e-5, 44),
    ('mercator', 'EPSG:3857', 1.2, 5500000),
  ):
    _write(
      folder / f'{name}.tif',
      _picture(random, 20, 30),
      crs=crs,
      transform=rasterio.transform.from_origin(-80, north, side, side),
    )
  clear = np.full((50, 70, 4), 255, np.uint8)
  clear[..., :3] = _picture(random, 50, 70)
  # A browser forgets the colours of pixels that cannot be seen.
  clear[30:, :15] = 0
  PIL.Image.fromarray(clear).save(folder / 'clear.png')


def _write(path, image, **profile):
  with rasterio.open(
    path,
    'w',
    driver='GTiff',
    height=image.shape[0],
    width=image.shape[1],
    count=3,
    dtype=image.dtype,
    **profile,
  ) as dataset:
    dataset.write(np.moveaxis(image, -1, 0))


def _expect(folder):
  """Writes what Python reads and predicts of every image."""
  predictor = backends.open_predictor(folder / _MODEL)
  expected = {}
  for path in sorted(folder.glob('*.*')):
    if not reading.is_raster_name(path):
      continue
    raster = reading.read_image(path)
    height_m = scenes.predict_scene(predictor, raster, _OPTIONS)
    raster.pixels.tofile(folder / f'{path.stem}.pixels')
    height_m.tofile(folder / f'{path.stem}.heights')
    if raster.gsd_m is None:
      outputs = scenes.predict_image(
        predictor, raster.pixels, _OPTIONS, gsd_m=None, name=path.name
      )
      outputs[~raster.known] = np.nan
      outputs[..., 1].tofile(folder / f'{path.stem}.spreads')
    top_m = colours.nice_top(height_m)
    expected[path.name] = {
      'shape': raster.shape,
      'gsd_m': raster.gsd_m,
      'known': int(raster.known.sum()),
      'top_m': top_m,
      'ticks_m': colours.ticks(top_m),
      'colours': colours.colour_heights(height_m[::16, ::16], top_m=top_m)
      .reshape(-1)
      .tolist(),
    }
  (folder / 'expected.json').write_text(json.dumps(expected))


def _check(folder, request):
  """Predicts from the page's own pixels; says what is in its GeoTIFF."""
  pixels = np.fromfile(folder / request['pixels'], np.uint8)
  pixels = pixels.reshape(*request['shape'], 3)
  raster = dataclasses.replace(reading.read_image(_SAMPLE), pixels=pixels)
  predictor = backends.open_predictor(folder / _MODEL)
  scenes.predict_scene(predictor, raster, _OPTIONS).tofile(
    folder / 'page/sample.heights'
  )
  with rasterio.open(folder / request['tiff']) as written:
    values = written.read(1)
    values.tofile(folder / 'page/written.heights')
    about = {
      'shape': written.shape,
      'crs': written.crs.to_epsg(),
      'transform': list(written.transform)[:6],
      'nodata': str(written.nodata),
      'descriptions': written.descriptions,
      'units': written.units,
      'dtype': written.dtypes[0],
    }
  (folder / 'page/written.json').write_text(json.dumps(about))


def main(argv):
  """Makes the model, the images and what is expected, or checks the page."""
  command.reject_leftovers(argv)
  command.require('output')
  folder = pathlib.Path(_OUTPUT.value)
  if _CHECK.value:
    _check(folder, json.loads((folder / _CHECK.value).read_text()))
    return
  folder.mkdir(parents=True, exist_ok=True)
  _make_model(folder / _MODEL)
  _make_images(folder)
  _expect(folder)


if __name__ == '__main__':
  command.run(main)
