"""One run, put together: data, steps, validation, models, pictures."""

import dataclasses
import functools

import tensorflow as tf

import heightnet_tf
from heightnet_tf import errors
from heightnet_tf import model_card
from heightnet_tf.data import pipeline
from heightnet_tf.nets import heads
from heightnet_tf.nets import networks
from heightnet_tf.training import callbacks
from heightnet_tf.training import loop
from heightnet_tf.training import model_file
from heightnet_tf.training import plots
from heightnet_tf.training import strategies
from heightnet_tf.training import validation

# Windows shown in TensorBoard.
_SHOWN = 4


def card_of(material, network, *, scale, window_px):
  """What a model is to say of itself before its accuracy is known.

  Args:
    material: material.Material that it learns from.
    network: its description, of `networks.describe`.
    scale: factor on the size of images whose ground size is unknown.
    window_px: side of the training crops.

  Returns:
    model_card.ModelCard.
  """
  return model_card.ModelCard(
    gsd_m=material.gsd_m,
    scale=scale,
    bands=model_card.band_names(material.bands),
    window_px=window_px,
    stride_px=networks.stride_px(network),
    network=network,
    weighting={'power': material.weighting.power, **material.table.describe()},
    training_data=[
      {'name': source.name, 'version': source.version, 'pairs': len(source)}
      for source in material.sources
    ],
    training_median_m=material.median_m,
    accuracy={},
    made_by=f'heightnet_tf {heightnet_tf.__version__}',
    outputs=heads.outputs(
      uncertainty=network['arguments'].get('uncertainty', False)
    ),
  )


def train(run, material, stepper, strategy, *, recipe, plan, card, patience):
  """Trains and leaves the run folder complete.

  Args:
    run: run_folder.RunFolder.
    material: material.Material.
    stepper: step.Stepper, made in the scope of `strategy`.
    strategy: tf.distribute.Strategy.
    recipe: pipeline.Recipe; its batch is that of all replicas.
    plan: loop.Plan.
    card: as of `card_of`.
    patience: epochs without a better monitored figure; 0 for all.

  Returns:
    list of dicts, the figures of each epoch.

  Raises:
    errors.FlagError: the batch does not divide by the replicas, the crop not
      by the network's stride, or several machines have a limit of time.
  """
  _check_sizes(recipe, strategy.num_replicas_in_sync, card)
  if plan.minutes and strategies.has_several_machines(strategy):
    raise errors.FlagError(
      '--minutes cannot be kept by several machines alike. Use --epochs.'
    )
  # None of it is needed before the first epoch ends: the first step waits less.
  prepared = functools.cache(
    lambda: _Validation(material, stepper.model, recipe=recipe, card=card)
  )

  def validate():
    return prepared().figures_of(stepper)

  def save_model(path, figures):
    prepared().save(path, figures)

  def tensorboard():
    return callbacks.TensorBoard(
      run.tensorboard,
      material.table,
      lambda: prepared().shown,
      lambda image: prepared().predict(image),
    )

  return loop.fit(
    stepper,
    plan,
    batches_from=_distributed(material, recipe, strategy),
    validate=validate,
    save_model=save_model,
    run=run,
    callbacks=_callbacks(run, plan, material, tensorboard, patience),
  )


class _Validation:
  """A float32 copy of the network that is trained, and what it is tried on.

  Attributes:
    predict: image float32 [B, H, W, C] -> [B, H, W, K], metres.
  """

  def __init__(self, material, model, *, recipe, card):
    self._card = card
    self._twin = twin = model_file.in_float32(card.network, model)
    self.predict = tf.function(
      lambda image: heads.as_channels(twin(image, training=False)),
      autograph=False,
    )
    self._windows = pipeline.validation_batches(
      material.source,
      material.validation,
      window_px=recipe.crop_px,
      batch_size=recipe.batch_size,
    )

  @functools.cached_property
  def shown(self):
    """Windows to look at: (image, height_m) each."""
    return validation.tall_samples(self._windows, _SHOWN)

  def figures_of(self, stepper):
    """Scores the averaged weights of a run; see `validation.validate`."""
    stepper.average_into(self._twin)
    figures = validation.validate(self.predict, self._windows)
    if 'val_temperature' in figures:
      heads.scale_spread(self._twin, figures['val_temperature'])
    return figures

  def save(self, path, figures):
    """Writes the model that was scored last."""
    facts = {'accuracy': figures}
    if 'val_temperature' in figures:
      facts['spread_temperature'] = heads.temperature(self._twin)
    card = dataclasses.replace(self._card, **facts)
    model_file.save(path, self._twin, card)


def _check_sizes(recipe, replicas, card):
  if recipe.batch_size % replicas:
    raise errors.FlagError(
      f'--batch_size={recipe.batch_size} does not divide by {replicas} '
      'devices. Choose a multiple.'
    )
  if recipe.crop_px % card.stride_px:
    raise errors.FlagError(
      f'--crop_px={recipe.crop_px} is not a multiple of {card.stride_px}, '
      'which the network halves down to one pixel. Choose a multiple.'
    )


def _distributed(material, recipe, strategy):
  """A function from the number of crops taken to a distributed data set."""

  def batches_from(start):
    def of_worker(context):
      replicas = context.num_replicas_in_sync
      own = dataclasses.replace(
        recipe, batch_size=recipe.batch_size // replicas
      )
      return pipeline.training_batches(
        material.source,
        material.train,
        material.table,
        own,
        start=start,
        shard=(context.num_input_pipelines, context.input_pipeline_id),
      )

    return strategy.distribute_datasets_from_function(of_worker)

  return batches_from


def _callbacks(run, plan, material, tensorboard, patience):
  found = []
  if run.writes:
    found = [callbacks.ProgressBar(plan.batch_size), tensorboard()]
    found.append(
      callbacks.OnFirstEpoch(lambda: plots.write_histogram(run, material.table))
    )
  if patience:
    found.append(
      callbacks.EarlyStopping(plan.monitor, patience=patience, mode='min')
    )
  return found
