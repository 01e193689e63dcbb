"""Images of many requests, predicted a few at a time."""

from collections.abc import Callable
from concurrent import futures
import dataclasses
import queue
import threading
import time

import numpy as np

# Four windows of 512 x 512: more pixels at once take memory and save no time.
_TOGETHER_PX = 1 << 20


@dataclasses.dataclass(frozen=True, eq=False)
class _Task:
  image: np.ndarray
  answer: futures.Future


_NOTHING = object()


class Batcher:
  """Predicts images of one size together, in the order in which they come.

  One thread predicts. How many images may wait is for the caller to limit.
  """

  def __init__(
    self,
    predict: Callable[[np.ndarray], np.ndarray],
    *,
    most_images: int,
    wait_s: float,
    observe: Callable[[int], object],
  ):
    """Starts the thread.

    Args:
      predict: [N, H, W, C] to [N, H, W, K].
      most_images: most images that are predicted together; of large ones
        fewer.
      wait_s: how long the first of them waits for others, seconds.
      observe: called with the number of images of each batch.
    """
    self._predict = predict
    self._most_images = most_images
    self._wait_s = wait_s
    self._observe = observe
    self._tasks = queue.SimpleQueue()
    self._thread = threading.Thread(target=self._run, daemon=True)
    self._thread.start()

  def submit(self, image: np.ndarray) -> futures.Future:
    """Takes an image.

    Args:
      image: uint8 [H, W, C].

    Returns:
      Future of float32 [H, W, K].
    """
    task = _Task(image, futures.Future())
    self._tasks.put(task)
    return task.answer

  def close(self):
    """Predicts what was taken so far, and ends."""
    self._tasks.put(None)
    self._thread.join()

  def _run(self):
    task = self._tasks.get()
    while task is not None:
      batch = [task]
      task = self._gather(batch)
      self._answer(batch)
      # Not to keep them until the next request comes.
      del batch
      task = self._tasks.get() if task is _NOTHING else task

  def _gather(self, batch):
    """Adds images like the first; returns what came that is not like it."""
    first = batch[0].image
    most = min(self._most_images, _TOGETHER_PX // first[..., 0].size)
    end = time.monotonic() + self._wait_s
    while len(batch) < most:
      try:
        task = self._tasks.get(timeout=max(0.0, end - time.monotonic()))
      except queue.Empty:
        break
      if task is None or task.image.shape != first.shape:
        return task
      batch.append(task)
    return _NOTHING

  def _answer(self, batch):
    batch = [
      task for task in batch if task.answer.set_running_or_notify_cancel()
    ]
    if not batch:
      return
    self._observe(len(batch))
    try:
      maps = self._predict(np.stack([task.image for task in batch]))
    # Whoever waits for it hears of it; the thread goes on.
    except Exception as error:
      for task in batch:
        task.answer.set_exception(error)
      return
    for task, values in zip(batch, maps, strict=True):
      task.answer.set_result(values)
