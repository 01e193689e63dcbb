import dataclasses
import functools
import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from heightnet_tf import errors
from heightnet_tf.nets import losses
from heightnet_tf.nets import networks
from heightnet_tf.training import callbacks
from heightnet_tf.training import loop
from heightnet_tf.training import run_folder
from heightnet_tf.training import step
from tests import small_models

_PLAN = loop.Plan(
  epochs=3,
  steps_per_epoch=4,
  minutes=None,
  batch_size=2,
  learning_rate=0.01,
  schedule='cosine',
  warmup=0.1,
  checkpoint_minutes=1e9,
  monitor='val_mae_m',
)
_NETWORK = small_models.unet_of()


@functools.cache
def _built():
  """A stepper, compiled once for all tests, and the values it starts from."""
  keras.utils.set_random_seed(0)
  stepper = step.Stepper(
    networks.build(_NETWORK),
    keras.optimizers.AdamW(0.01),
    losses.L1(),
    strategy=tf.distribute.get_strategy(),
    average_decay=0.9,
    rate_factor=lambda layer_name: 1.0,
  )
  return stepper, _values(stepper)


def _values(stepper):
  return [np.array(variable) for variable in stepper.variables()]


def _stepper():
  stepper, values = _built()
  for variable, value in zip(stepper.variables(), values, strict=True):
    variable.assign(value)
  return stepper


def _batches_from(start):
  """Batches that depend on how many crops came before alone."""
  while True:
    random = np.random.default_rng(start)
    image = random.uniform(0, 255, (2, 8, 8, 3)).astype('float32')
    yield tuple(
      tf.constant(part)
      for part in (image, image[..., :1] / 20, np.ones_like(image[..., :1]))
    )
    start += 2


def _run(folder, *, plan=_PLAN, figures=(3.0, 2.0, 1.0), more=()):
  """Runs with made-up validation figures; returns rows and variables."""
  run = run_folder.RunFolder(folder, writes=True)
  run.claim(['--a=flag'])
  stepper = _stepper()
  done = len(run.metrics())
  values = iter(figures[done:])
  rows = loop.fit(
    stepper,
    plan,
    batches_from=_batches_from,
    validate=lambda: {'val_mae_m': next(values), 'val_mae_20m_up_m': None},
    save_model=lambda path, row: path.write_text(str(row['epoch'])),
    run=run,
    callbacks=list(more),
  )
  return rows, _values(stepper)


class _Interrupt(keras.callbacks.Callback):
  """Sends Ctrl-C in the course of a run."""

  def __init__(self, steps, *, validating=False):
    super().__init__()
    self._left = steps
    self._validating = validating

  def on_train_batch_end(self, batch, logs=None):
    self._left -= 1
    if self._left == 0 and not self._validating:
      os.kill(os.getpid(), signal.SIGINT)

  def on_test_begin(self, logs=None):
    if self._validating:
      os.kill(os.getpid(), signal.SIGINT)


def _lasting(rows):
  return [
    {name: value for name, value in row.items() if name != 'seconds'}
    for row in rows
  ]


# In the middle of an epoch, at its end, at the very end, while validating.
@pytest.mark.parametrize(
  ('steps', 'validating'), [(6, False), (4, False), (12, False), (4, True)]
)
def test_interrupted_and_gone_on_equals_never_stopped(
  tmp_path, steps, validating
):
  whole, expected = _run(tmp_path / 'whole')
  stop = _Interrupt(steps, validating=validating)
  with pytest.raises(KeyboardInterrupt):
    _run(tmp_path / 'parts', more=[stop])
  parts, found = _run(tmp_path / 'parts')
  assert _lasting(parts) == _lasting(whole)
  assert [row['step'] for row in parts] == [4, 8, 12]
  assert (tmp_path / 'parts' / 'last.keras').read_text() == '3'
  for one, other in zip(found, expected, strict=True):
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_second_interruption_does_not_wait(tmp_path):
  class Twice(_Interrupt):
    def on_train_batch_end(self, batch, logs=None):
      os.kill(os.getpid(), signal.SIGINT)
      os.kill(os.getpid(), signal.SIGINT)

  with pytest.raises(KeyboardInterrupt):
    _run(tmp_path, more=[Twice(1)])
  assert not (tmp_path / 'checkpoint.npz').exists()


def test_an_epoch_cut_short_by_time_is_followed_by_whole_ones(tmp_path):
  plan = dataclasses.replace(_PLAN, minutes=1e-9)
  rows, _ = _run(tmp_path, plan=plan)
  assert [row['step'] for row in rows] == [1]
  rows, _ = _run(tmp_path, plan=_PLAN, figures=(4.0, 3.0, 2.0, 1.0))
  assert [row['step'] for row in rows] == [1, 5, 9, 12]


def test_only_the_best_epoch_is_kept_as_the_best(tmp_path):
  _run(tmp_path, figures=(2.0, 1.0, 1.5))
  assert (tmp_path / 'best.keras').read_text() == '2'
  assert (tmp_path / 'last.keras').read_text() == '3'


def test_keras_callbacks_are_driven_as_by_fit(tmp_path):
  seen = []
  board = keras.callbacks.TensorBoard(tmp_path / 'board', write_graph=False)
  note = keras.callbacks.LambdaCallback(
    on_epoch_begin=lambda epoch, logs: seen.append(epoch),
    on_epoch_end=lambda epoch, logs: seen.append(sorted(logs)),
    on_train_batch_end=lambda batch, logs: seen.append(batch),
  )
  plan = dataclasses.replace(_PLAN, epochs=1)
  _run(tmp_path / 'run', plan=plan, more=[board, note])
  assert list((tmp_path / 'board' / 'train').iterdir())
  assert list((tmp_path / 'board' / 'validation').iterdir())
  assert seen[:-1] == [0, 0, 1, 2, 3]
  # Without those that have no value: callbacks take numbers.
  assert {'loss', 'mae_m', 'val_mae_m'} < set(seen[-1])
  assert 'val_mae_20m_up_m' not in seen[-1]


def test_early_stopping_counts_over_sessions(tmp_path):
  plan = dataclasses.replace(_PLAN, epochs=9)
  figures = (1.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0)

  def patience(epochs):
    return callbacks.EarlyStopping('val_mae_m', patience=epochs, mode='min')

  with pytest.raises(KeyboardInterrupt):
    _run(
      tmp_path, plan=plan, figures=figures, more=[_Interrupt(9), patience(3)]
    )
  for _ in range(2):
    # The second time there is nothing left to do.
    rows, _ = _run(tmp_path, plan=plan, figures=figures, more=[patience(3)])
    assert [row['epoch'] for row in rows] == [1, 2, 3, 4]
  rows, _ = _run(tmp_path, plan=plan, figures=figures, more=[patience(5)])
  assert len(rows) == 6


def test_training_that_diverges_says_so(tmp_path):
  plan = dataclasses.replace(_PLAN, learning_rate=float('inf'))
  with pytest.raises(errors.TrainingError, match='--learning_rate'):
    _run(tmp_path, plan=plan)
  assert not (tmp_path / 'last.keras').exists()


def test_one_that_does_not_write_leaves_nothing(tmp_path):
  run = run_folder.RunFolder(tmp_path / 'run', writes=False)
  loop.fit(
    _stepper(),
    dataclasses.replace(_PLAN, epochs=1),
    batches_from=_batches_from,
    validate=lambda: {'val_mae_m': 1.0},
    save_model=lambda path, row: path.write_text(''),
    run=run,
    callbacks=[],
  )
  assert not run.path.exists()
