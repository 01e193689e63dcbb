r"""Trains a network on pairs of image and height.

  python train_main.py --flagfile=configs/real.cfg

Reads --data_dir (folders imgs/ and masks/ with one height map per image) or a
TFDS builder, writes --run_dir: the best and the last model as .keras, figures
as metrics.jsonl, TensorBoard's files, and a flagfile that reruns the run.
Stopped with Ctrl-C or killed, the same command goes on where it stopped.
"""

from absl import flags
import keras

from heightnet_tf import command
from heightnet_tf.data import augmentation
from heightnet_tf.data import pipeline
from heightnet_tf.data import sources
from heightnet_tf.nets import layers
from heightnet_tf.nets import losses
from heightnet_tf.nets import networks
from heightnet_tf.training import encoder_weights
from heightnet_tf.training import loop
from heightnet_tf.training import material as materials
from heightnet_tf.training import model_file
from heightnet_tf.training import precision
from heightnet_tf.training import run_folder
from heightnet_tf.training import schedules
from heightnet_tf.training import session
from heightnet_tf.training import step
from heightnet_tf.training import strategies

_DATA_DIR = flags.DEFINE_string(
  'data_dir', 'data/train_dataset', 'Folder with imgs/ and masks/.'
)
_DATA = flags.DEFINE_string(
  'data', '', 'Source instead of --data_dir, as tfds:NAME/CONFIG.'
)
_EXTRA_DATA = flags.DEFINE_string(
  'extra_data',
  '',
  'More pairs to train on, never to validate on: a folder like --data_dir, or '
  'tfds:NAME/CONFIG.',
)
_EXTRA_SHARE = flags.DEFINE_float(
  'extra_share',
  0.5,
  'Share of the crops that come from --extra_data.',
  lower_bound=0.01,
  upper_bound=0.99,
)
_TALL_SHARE = flags.DEFINE_float(
  'tall_share',
  0.0,
  'Share of the crops that come from the quarter of the pairs with most pixels '
  'of 10 m and more; 0 for every pair alike.',
  lower_bound=0,
  upper_bound=0.99,
)
_IMAGE_SUFFIX = flags.DEFINE_string(
  'image_suffix', '', 'What image stems end in beyond the shared name.'
)
_MASK_SUFFIX = flags.DEFINE_string(
  'mask_suffix', '', 'What height stems end in beyond the shared name.'
)
_HEIGHT_SCALE = flags.DEFINE_float(
  'height_scale', 1.0, 'Metres per unit of the height maps: 0.01 for cm.'
)
_HEIGHT_NODATA = flags.DEFINE_float(
  'height_nodata', None, 'Value that means unknown, beside the file tag.'
)
_RUN_DIR = flags.DEFINE_string('run_dir', 'runs/heights', 'Folder of the run.')
_EPOCHS = flags.DEFINE_integer(
  'epochs', 5, 'Epochs at most.', short_name='e', lower_bound=1
)
_BATCH_SIZE = flags.DEFINE_integer(
  'batch_size', 8, 'Crops in a step.', short_name='b', lower_bound=1
)
_LEARNING_RATE = flags.DEFINE_float(
  'learning_rate', 1e-3, 'Peak learning rate.', short_name='l'
)
_LOAD = flags.DEFINE_string(
  'load', '', 'A .keras model to start from.', short_name='f'
)
_SCALE = flags.DEFINE_float(
  'scale', 1.0, 'Factor on the image size.', short_name='s', lower_bound=0.01
)
_GSD_M = flags.DEFINE_float(
  'gsd_m', None, 'Ground size of a pixel to train at, instead of --scale.'
)
_VALIDATION = flags.DEFINE_float(
  'validation', 10.0, 'Percentage of the data for validation, by scene.'
)
_AMP = flags.DEFINE_bool(
  'amp', True, 'Mixed precision where the device has it.'
)
_MINUTES = flags.DEFINE_float(
  'minutes', None, 'Training time at most; the schedule fits itself to it.'
)
_STEPS_PER_EPOCH = flags.DEFINE_integer(
  'steps_per_epoch', 0, 'Steps to an epoch; 0 for one pass over the data.'
)
_CROP_PX = flags.DEFINE_integer('crop_px', 256, 'Side of a training crop.')
_NETWORK = flags.DEFINE_enum(
  'network', 'unet', sorted(networks.NETWORKS), 'The network.'
)
_ENCODER_WEIGHTS = flags.DEFINE_string(
  'encoder_weights',
  'none',
  'What the encoder starts from: imagenet, none or a file of weights.',
)
_BASE_FILTERS = flags.DEFINE_integer(
  'base_filters', 32, 'Channels at full resolution.'
)
_DEPTH = flags.DEFINE_integer('depth', 4, 'How often resolution is halved.')
_NORMALISATION = flags.DEFINE_enum(
  'normalisation', 'batch', sorted(layers.NORMALISATIONS), 'The normalisation.'
)
_LOSS = flags.DEFINE_enum('loss', 'l1', sorted(losses.LOSSES), 'The loss.')
_UNCERTAINTY = flags.DEFINE_bool(
  'uncertainty', False, 'Predict for each pixel how far off the height may be.'
)
_SPREAD_BETA = flags.DEFINE_float(
  'spread_beta',
  0.0,
  'With --uncertainty: power of the spread on the likelihood of a pixel. At 0 '
  'it is the likelihood; at 1 heights are learned as from L1.',
  lower_bound=0,
  upper_bound=1,
)
_GRADIENT_WEIGHT = flags.DEFINE_float(
  'gradient_weight', 0.0, 'Share of the multi-scale gradient term.'
)
_WEIGHTING = flags.DEFINE_enum(
  'weighting',
  'inverse_frequency',
  ['inverse_frequency', 'none'],
  'How pixels are weighted by how rare their height is.',
)
_WEIGHT_POWER = flags.DEFINE_float(
  'weight_power', 0.5, 'Weights are n ** -power; 0.5 is the inverse root.'
)
_WEIGHT_SMOOTHING = flags.DEFINE_float(
  'weight_smoothing_bins', 2.0, 'Gaussian over the histogram, in 1 m bins.'
)
_WEIGHT_CLIP = flags.DEFINE_list(
  'weight_clip', ['0.1', '20'], 'Lowest and highest weight; the mean is 1.'
)
_REFIT_EPOCHS = flags.DEFINE_integer(
  'refit_epochs',
  0,
  'Epochs in which the last layer alone is fitted again afterwards, into '
  '--run_dir/refit.',
  lower_bound=0,
)
_REFIT_WEIGHT_POWER = flags.DEFINE_float(
  'refit_weight_power', 0.5, 'Weights are then n ** -power.'
)
_TURNS = flags.DEFINE_bool('turns', True, 'Flip and turn training crops.')
_SCALE_JITTER = flags.DEFINE_float(
  'scale_jitter', 0.0, 'Largest relative change of a crop size.'
)
_BRIGHTNESS = flags.DEFINE_float('brightness', 0.1, 'Largest shift, share.')
_CONTRAST = flags.DEFINE_float('contrast', 0.2, 'Largest change, share.')
_COLOUR = flags.DEFINE_float('colour', 0.1, 'Largest gain of a band, share.')
_GAMMA = flags.DEFINE_float('gamma', 0.0, 'Largest log of an exponent.')
_MIXING = flags.DEFINE_float(
  'mixing', 0.0, 'Largest share of the mean of the bands mixed into a band.'
)
_HAZE = flags.DEFINE_float(
  'haze', 0.0, 'Largest share of light from the air before the scene.'
)
_SHADOW = flags.DEFINE_float(
  'shadow', 0.0, 'Largest share of light that a shadow over a part takes.'
)
_NOISE = flags.DEFINE_float('noise', 0.0, 'Largest deviation, share of 255.')
_JPEG = flags.DEFINE_float('jpeg', 0.0, 'Share of the crops to compress.')
_BLUR = flags.DEFINE_float('blur', 0.5, 'Largest share of blur mixed in.')
_SCHEDULE = flags.DEFINE_enum(
  'schedule', 'cosine', sorted(schedules.SCHEDULES), 'Learning-rate schedule.'
)
_WARMUP = flags.DEFINE_float(
  'warmup', 0.05, 'Share of the run in which the learning rate rises.'
)
_WEIGHT_DECAY = flags.DEFINE_float('weight_decay', 1e-4, 'Of AdamW.')
_CLIP_NORM = flags.DEFINE_float(
  'clip_norm', 1.0, 'Largest norm of the gradient.'
)
_AVERAGE_DECAY = flags.DEFINE_float(
  'average_decay', 0.99, 'Share that the average of the weights keeps.'
)
_ENCODER_RATE = flags.DEFINE_float(
  'encoder_learning_rate_factor',
  1.0,
  'Factor on the learning rate of the encoder; 0 freezes it.',
  lower_bound=0,
)
_STRATEGY = flags.DEFINE_enum(
  'strategy', 'local', sorted(strategies.STRATEGIES), 'Devices to train on.'
)
_MONITOR = flags.DEFINE_enum(
  'monitor', 'val_mae_m', ['val_mae_m', 'val_rmse_m'], 'Chooses the best.'
)
_PATIENCE = flags.DEFINE_integer(
  'patience', 0, 'Epochs without improvement before stopping; 0 for never.'
)
_CHECKPOINT_MINUTES = flags.DEFINE_float(
  'checkpoint_minutes', 2.0, 'Time between checkpoints within an epoch.'
)
_CACHE_GB = flags.DEFINE_float(
  'cache_gb', 4.0, 'Memory for decoded pairs, gigabytes.'
)
_SEED = flags.DEFINE_integer('seed', 0, 'Decides everything random.')

flags.DEFINE_alias('batch-size', 'batch_size')
flags.DEFINE_alias('learning-rate', 'learning_rate')


def main(argv):
  """Trains as the flags say."""
  command.reject_leftovers(argv)
  strategy = strategies.STRATEGIES[_STRATEGY.value]()
  run = run_folder.RunFolder(
    _RUN_DIR.value, writes=strategies.is_chief(strategy)
  )
  run.claim(command.flag_lines(main))
  keras.utils.set_random_seed(_SEED.value)
  keras.config.set_dtype_policy(precision.policy_name(_AMP.value))
  material = materials.gather(
    _source(_DATA.value or _DATA_DIR.value),
    _source(_EXTRA_DATA.value) if _EXTRA_DATA.value else None,
    extra_share=_EXTRA_SHARE.value,
    tall_share=_TALL_SHARE.value,
    validation_percent=_VALIDATION.value,
    weighting=_weighting(_weight_power()),
    seed=_SEED.value,
  )
  network = _network(material.bands)
  with strategy.scope():
    model = networks.build(network)
    _start(model)
    stepper = _stepper(model, strategy, _rate_factor)
  session.train(
    run,
    material,
    stepper,
    strategy,
    recipe=_recipe(),
    plan=_plan(len(material.train), _EPOCHS.value, _MINUTES.value),
    card=_card(material, network),
    patience=_PATIENCE.value,
  )
  print(f'Best model: {run.best_model}')
  if _REFIT_EPOCHS.value:
    _refit(run.stage('refit'), material, stepper, strategy)


def _refit(run, material, stepper, strategy):
  """Fits the last layer alone again, weighted: the second stage of Lang 2023.

  Starts from the averaged weights that the first stage ended with.
  """
  run.claim(command.flag_lines(main))
  material = materials.reweighted(
    material, _weighting(_REFIT_WEIGHT_POWER.value)
  )
  with strategy.scope():
    stepper.average_into(stepper.model)
    stepper = _stepper(stepper.model, strategy, networks.is_head)
  session.train(
    run,
    material,
    stepper,
    strategy,
    recipe=_recipe(),
    plan=_plan(len(material.train), _REFIT_EPOCHS.value, None),
    card=_card(material, _network(material.bands)),
    patience=0,
  )
  print(f'Model with the last layer fitted again: {run.last_model}')


def _stepper(model, strategy, rate_factor):
  return step.Stepper(
    model,
    step.adamw(
      learning_rate=_LEARNING_RATE.value,
      weight_decay=_WEIGHT_DECAY.value,
      clip_norm=_CLIP_NORM.value,
      replicas=strategy.num_replicas_in_sync,
    ),
    losses.choose(
      _LOSS.value,
      uncertainty=_UNCERTAINTY.value,
      gradient_weight=_GRADIENT_WEIGHT.value,
      beta=_SPREAD_BETA.value,
    ),
    strategy=strategy,
    average_decay=_AVERAGE_DECAY.value,
    rate_factor=rate_factor,
  )


def _source(spec):
  source = sources.open_source(
    spec,
    folder_options=sources.FolderOptions(
      image_suffix=_IMAGE_SUFFIX.value,
      mask_suffix=_MASK_SUFFIX.value,
      height_scale=_HEIGHT_SCALE.value,
      height_nodata=_HEIGHT_NODATA.value,
    ),
  )
  source = sources.resized(source, scale=_SCALE.value, gsd_m=_GSD_M.value)
  return sources.cached(source, budget_bytes=int(_CACHE_GB.value * 1e9))


def _weight_power():
  inverse = _WEIGHTING.value == 'inverse_frequency'
  return _WEIGHT_POWER.value if inverse else 0.0


def _weighting(power):
  return materials.Weighting(
    power=power,
    smoothing_bins=_WEIGHT_SMOOTHING.value,
    clip=tuple(float(value) for value in _WEIGHT_CLIP.value),
  )


def _network(bands):
  return networks.describe(
    _NETWORK.value,
    bands=bands,
    base_filters=_BASE_FILTERS.value,
    depth=_DEPTH.value,
    normalisation=_NORMALISATION.value,
    uncertainty=_UNCERTAINTY.value,
  )


def _start(model):
  """Gives a new model the weights that it is to start from."""
  if _ENCODER_WEIGHTS.value != 'none':
    encoder_weights.load(model, _NETWORK.value, _ENCODER_WEIGHTS.value)
  if _LOAD.value:
    model_file.load_weights(model, _LOAD.value)


def _rate_factor(layer_name):
  return _ENCODER_RATE.value if networks.is_encoder(layer_name) else 1.0


def _recipe():
  return pipeline.Recipe(
    crop_px=_CROP_PX.value,
    batch_size=_BATCH_SIZE.value,
    seed=_SEED.value,
    turns=_TURNS.value,
    scale_jitter=_SCALE_JITTER.value,
    photometry=augmentation.Photometry(
      brightness=_BRIGHTNESS.value,
      contrast=_CONTRAST.value,
      gamma=_GAMMA.value,
      colour=_COLOUR.value,
      mixing=_MIXING.value,
      haze=_HAZE.value,
      shadow=_SHADOW.value,
      blur=_BLUR.value,
      noise=_NOISE.value,
      jpeg=_JPEG.value,
    ),
  )


def _plan(pairs, epochs, minutes):
  return loop.Plan(
    epochs=epochs,
    steps_per_epoch=_STEPS_PER_EPOCH.value
    or max(1, pairs // _BATCH_SIZE.value),
    minutes=minutes,
    batch_size=_BATCH_SIZE.value,
    learning_rate=_LEARNING_RATE.value,
    schedule=_SCHEDULE.value,
    warmup=_WARMUP.value,
    checkpoint_minutes=_CHECKPOINT_MINUTES.value,
    monitor=_MONITOR.value,
  )


def _card(material, network):
  return session.card_of(
    material, network, scale=_SCALE.value, window_px=_CROP_PX.value
  )


if __name__ == '__main__':
  command.run(main)
