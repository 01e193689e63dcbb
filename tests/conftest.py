import importlib
import sys

from absl import flags
import numpy as np
import PIL.Image
import pytest

from tests import small_models


@pytest.fixture(autouse=True, scope='session')
def parsed_flags():
  """Lets tests use flags of a main without its command line."""
  if not flags.FLAGS.is_parsed():
    flags.FLAGS(sys.argv[:1])


@pytest.fixture
def load_main():
  """Imports a main by name for one test: mains share names of flags."""
  before = _take_flags_of_mains()

  def load(name):
    sys.modules.pop(name, None)
    return importlib.import_module(name)

  yield load
  _take_flags_of_mains()
  for module_name, flag in before:
    flags.FLAGS[flag.name] = flag
    flags.FLAGS.register_flag_by_module(module_name, flag)


def _take_flags_of_mains():
  """Undefines the flags of every main; returns them with their modules."""
  taken = [
    (module_name, flag)
    for module_name, of_module in flags.FLAGS.flags_by_module_dict().items()
    if module_name.endswith('_main')
    for flag in of_module
  ]
  theirs = {id(flag) for _, flag in taken}
  for name in list(flags.FLAGS):
    if id(flags.FLAGS[name]) in theirs:
      delattr(flags.FLAGS, name)
  return taken


@pytest.fixture(scope='session')
def model_path(tmp_path_factory):
  """A model whose height is the mean of the bands over ten."""
  path = tmp_path_factory.mktemp('model') / 'model.keras'
  return small_models.save_mean_model(path)


@pytest.fixture
def pairs_folder(tmp_path):
  """Two scenes of 40 x 48 pixels in the seed's layout."""
  folder = tmp_path / 'pairs'
  random = np.random.default_rng(0)
  for kind in ('imgs', 'masks'):
    (folder / kind).mkdir(parents=True)
  for name in ('east', 'west'):
    image = random.integers(0, 256, (40, 48, 3), dtype=np.uint8)
    height_m = random.uniform(0, 20, (40, 48)).astype(np.float32)
    PIL.Image.fromarray(image).save(folder / f'imgs/{name}.png')
    PIL.Image.fromarray(height_m).save(folder / f'masks/{name}.tif')
  return folder


@pytest.fixture(scope='session')
def serving_bundle(tmp_path_factory):
  """What `--format=serving` writes, version 5, of a model of two outputs.

  Its height is a tenth of the mean of the bands, its spread a hundredth of the
  red band and a half.
  """
  import keras

  from heightnet_tf.export import bundle
  from heightnet_tf.export import tiles

  image = keras.Input((None, None, 3), name='image')
  heights, spreads = (
    keras.layers.Conv2D(1, 1, name=name) for name in ('height_m', 'spread_m')
  )
  model = keras.Model(
    image, {'height_m': heights(image), 'spread_m': spreads(image)}
  )
  heights.set_weights([np.full((1, 1, 3, 1), 1 / 30), np.zeros(1)])
  spreads.set_weights([np.reshape([0.01, 0, 0], (1, 1, 3, 1)), np.full(1, 0.5)])
  random = np.random.default_rng(0)
  some = tiles.Tiles(
    image=random.integers(0, 256, (2, 32, 32, 3)).astype(np.float32),
    height_m=random.uniform(0, 9, (2, 32, 32, 1)).astype(np.float32),
  )
  card = small_models.card_of(stride_px=4, outputs=('height_m', 'spread_m'))
  output = tmp_path_factory.mktemp('bundle')
  (output / 'heightnet' / '4').mkdir(parents=True)
  (output / 'README.md').write_text('older')
  export = bundle.Export(
    model=model, card=card, path=__file__, calibration=some, check=some
  )
  bundle.write(
    export, output, ('saved_model', 'serving'), max_mae_change_m=None
  )
  return output
