"""What is shown of a run while it goes, and when it stops by itself."""

import time

import keras
import numpy as np
import tensorflow as tf
import tqdm

from heightnet_tf.heights import weights
from heightnet_tf.pictures import panels


class ProgressBar(keras.callbacks.Callback):
  """One line: share done, loss, error, images per second, time left."""

  def __init__(self, batch_size):
    """Prepares the bar.

    Args:
      batch_size: images in a step.
    """
    super().__init__()
    self._batch_size = batch_size

  def on_train_begin(self, logs=None):
    self._first = None
    self._bar = tqdm.tqdm(
      total=100,
      # A log file wants the epochs' lines only.
      disable=None,
      unit='%',
      bar_format='{desc} {percentage:3.0f}%|{bar}| {postfix}',
    )

  def on_epoch_begin(self, epoch, logs=None):
    # Validation between epochs is no part of the training's speed.
    self._begin, self._steps = time.monotonic(), 0

  def on_train_batch_end(self, batch, logs=None):
    now, share = time.monotonic(), logs['share_done']
    self._steps += 1
    if self._first is None:
      # The first step compiles the network and says nothing of the others.
      self._first = now, share
      self._begin, self._steps = now, 0
      return
    start, share_then = self._first
    left = (1 - share) * (now - start) / max(share - share_then, 1e-9)
    rate = self._steps * self._batch_size / max(now - self._begin, 1e-9)
    self._bar.n = round(100 * share, 1)
    self._bar.set_postfix_str(
      f'loss {logs["loss"]:.2f}, MAE {logs["mae_m"]:.2f} m, '
      f'{rate:.1f} images/s, {tqdm.tqdm.format_interval(left)} left'
    )

  def on_epoch_end(self, epoch, logs=None):
    self._bar.write(
      f'epoch {epoch + 1}: training MAE {logs["mae_m"]:.2f} m, validation '
      f'MAE {logs["val_mae_m"]:.2f} m, RMSE {logs["val_rmse_m"]:.2f} m'
    )

  def on_train_end(self, logs=None):
    self._bar.close()


class EarlyStopping(keras.callbacks.EarlyStopping):
  """Keras' own, which also counts the epochs of earlier sessions of a run."""

  def on_train_begin(self, logs=None):
    super().on_train_begin(logs)
    for row in self.params['rows']:
      self.on_epoch_end(row['epoch'] - 1, row)


class OnFirstEpoch(keras.callbacks.Callback):
  """Does something once, when the first epoch of a session ends."""

  def __init__(self, task):
    """Takes a task.

    Args:
      task: called without arguments.
    """
    super().__init__()
    self._task = task

  def on_train_begin(self, logs=None):
    self._done = False

  def on_epoch_end(self, epoch, logs=None):
    if not self._done:
      self._task()
      self._done = True


class TensorBoard(keras.callbacks.Callback):
  """Curves of every figure, the height histogram, panels of predictions."""

  def __init__(self, folder, table, samples, predict):
    """Opens the event file.

    Args:
      folder: where event files go.
      table: heights.weights.WeightTable of the training heights.
      samples: () -> list of (image uint8 [H, W, 3], height_m float32 [H, W]).
      predict: image float32 [N, H, W, 3] -> height_m float32 [N, H, W, 1].
    """
    super().__init__()
    self._writer = tf.summary.create_file_writer(str(folder))
    self._table = table
    self._samples = samples
    self._predict = predict

  def on_train_begin(self, logs=None):
    middles_m = weights.BIN_M * (np.arange(len(self._table.counts)) + 0.5)
    # The histogram plot takes values. With a hundred thousand of them, spread
    # as counted, towers are among them.
    share = self._table.counts / self._table.counts.sum()
    values_m = np.repeat(middles_m, np.round(share * 1e5).astype(int))
    with self._writer.as_default(step=0):
      tf.summary.histogram('training heights (m)', values_m)

  def on_epoch_end(self, epoch, logs=None):
    with self._writer.as_default(step=int(logs['step'])):
      for name, value in logs.items():
        if name not in ('epoch', 'step'):
          tf.summary.scalar(name, value)
      samples = self._samples()
      if samples:
        tf.summary.image('panels', self._panels(samples)[None])
    self._writer.flush()

  def on_train_end(self, logs=None):
    self._writer.close()

  def _panels(self, samples):
    rows = [
      (
        image,
        height_m,
        self._predict(image[None].astype(np.float32))[0, ..., 0],
      )
      for image, height_m in samples
    ]
    return panels.panels(rows)
