"""Our side of benchmarks/speed.py, as a process that does one job."""

import os
import pathlib
import sys

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import speed_ceilings
import speed_loop
import speed_operations
import tensorflow as tf

from heightnet_tf import model_card
from heightnet_tf.data import augmentation
from heightnet_tf.data import pipeline
from heightnet_tf.data import sources
from heightnet_tf.export import litert
from heightnet_tf.export import saved_model
from heightnet_tf.heights import weights
from heightnet_tf.inference import backends
from heightnet_tf.nets import losses
from heightnet_tf.nets import networks
from heightnet_tf.training import model_file
from heightnet_tf.training import precision
from heightnet_tf.training import step

# Batches that the pipeline makes in a run.
_BATCHES = 25


def described(network, base):
  """A network with its defaults."""
  return networks.describe(
    network,
    bands=3,
    base_filters=base,
    depth=4,
    normalisation='batch',
    uncertainty=False,
  )


def training(network, base, batch, tile):
  """Training steps as train_main.py takes them."""
  kind = precision.policy_name(amp=True)
  keras.config.set_dtype_policy(kind)
  keras.utils.set_random_seed(0)
  model = networks.build(described(network, base))
  stepper = step.Stepper(
    model,
    step.adamw(
      learning_rate=1e-4, weight_decay=1e-4, clip_norm=1.0, replicas=1
    ),
    losses.L1(gradient_weight=0.0),
    strategy=tf.distribute.get_strategy(),
    average_decay=0.99,
    rate_factor=lambda name: 1.0,
  )
  random = np.random.default_rng(0)
  image = random.uniform(0, 255, (batch, tile, tile, 3))
  height_m = random.uniform(0, 30, (batch, tile, tile, 1))
  data = tuple(
    tf.constant(values, tf.float32)
    for values in (image, height_m, np.ones_like(height_m))
  )

  def run():
    return stepper.train(data, tf.constant(0.0)).numpy()

  run()
  run()
  counted = operations(model, tile)
  return run, {
    'parameters': parameters(model),
    'operations': batch * counted['training'],
    'way': f'TensorFlow {tf.__version__}, {kind}',
  }


def parameters(model):
  """Number of trained parameters."""
  return sum(int(np.prod(one.shape)) for one in model.trainable_variables)


def operations(model, tile):
  """Additions and multiplications for one image; see `speed_operations`."""
  config = model.get_config()
  config['layers'][0]['config']['batch_shape'] = (1, tile, tile, 3)
  return speed_operations.count(type(model).from_config(config).layers)


def feeding(folder, crop, batch, cached):
  """Training batches from files: decoded each time, or once and kept."""
  source = sources.open_source(
    str(folder),
    folder_options=sources.FolderOptions(
      image_suffix='', mask_suffix='', height_scale=1.0, height_nodata=None
    ),
  )
  if cached:
    source = sources.cached(source, budget_bytes=10**10)
  counts = sum(
    weights.count_fine(source.read(index).height_m)
    for index in range(len(source))
  )
  table = weights.weigh(
    weights.coarse(counts), power=0.2, smoothing_bins=2.0, clip=(0.1, 20.0)
  )
  # The flags of train_main.py, with those of configs/real.cfg.
  recipe = pipeline.Recipe(
    crop_px=crop,
    batch_size=batch,
    seed=0,
    turns=True,
    scale_jitter=0.2,
    photometry=augmentation.Photometry(
      brightness=0.1,
      contrast=0.2,
      gamma=0.0,
      colour=0.1,
      mixing=0.0,
      haze=0.0,
      shadow=0.0,
      blur=0.5,
      noise=0.0,
      jpeg=0.0,
    ),
  )
  batches = pipeline.training_batches(
    source, np.arange(len(source)), table, recipe
  )

  def run():
    # An iterator of its own, which ends with it: one that is kept works ahead
    # while others take their turn.
    for _ in batches.take(_BATCHES):
      pass

  return run, {'images': _BATCHES * batch}


def export(network, base, tile, folder):
  """Writes a network in every format, if they are not there."""
  folder = pathlib.Path(folder)
  keras.utils.set_random_seed(0)
  description = described(network, base)
  model = networks.build(description)
  if not (folder / 'saved_model').exists():
    folder.mkdir(parents=True, exist_ok=True)
    card = card_of(description, tile)
    model_file.save(folder / 'model.keras', model, card)
    image = np.random.default_rng(0).uniform(0, 255, (2, tile, tile, 3))
    contents = litert.convert(model, image.astype(np.float32))
    for name, content in contents.items():
      (folder / name).write_bytes(content)
      model_card.attach(card, folder / name)
    saved_model.write(model, card, folder / 'saved_model')
  counted = operations(model, tile)
  return lambda: None, {
    'parameters': parameters(model),
    'operations': counted['forward'],
  }


def card_of(description, tile):
  """The card of a network that knows nothing."""
  return model_card.ModelCard(
    gsd_m=None,
    scale=1.0,
    bands=model_card.band_names(3),
    window_px=tile,
    stride_px=networks.stride_px(description),
    network=description,
    weighting={},
    training_data=[],
    training_median_m=0.0,
    accuracy={},
    made_by='benchmarks/speed.py',
  )


def inference(path, tile):
  """One tile through a model of any format, as a scene's windows go."""
  predictor = backends.open_predictor(path)
  image = np.random.default_rng(0).integers(0, 256, (1, tile, tile, 3))
  image = image.astype(np.uint8)
  predictor(image)
  predictor(image)
  return lambda: predictor(image), {'way': pathlib.Path(path).name}


JOBS = {
  'training': training,
  'ceiling': speed_ceilings.ceiling,
  'feeding': feeding,
  'export': export,
  'inference': inference,
}


if __name__ == '__main__':
  speed_loop.serve(JOBS)
