"""One step of a chain works while the next one is still busy."""

from collections.abc import Generator
from collections.abc import Iterable
import queue
import threading
from typing import TypeVar

_T = TypeVar('_T')
_END = object()


def working_ahead(items: Iterable[_T]) -> Generator[_T]:
  """Makes items in a thread of their own, one ahead of their use.

  Args:
    items: what to make; closed when the caller stops early.

  Yields:
    The items in order; what making one raises is raised here.
  """
  made = queue.Queue()
  # So that at most one item waits: wide scenes make large ones.
  wanted = threading.Semaphore(1)
  stopped = threading.Event()

  def work():
    failure = None
    try:
      source = iter(items)
      while wanted.acquire() and not stopped.is_set():
        item = next(source, _END)
        if item is _END:
          break
        made.put((item, None))
        # Held no longer than it is needed.
        del item
      if hasattr(items, 'close'):
        items.close()
    except BaseException as error:  # it is raised again where it is used
      failure = error
    made.put((_END, failure))

  thread = threading.Thread(target=work, daemon=True)
  thread.start()
  try:
    while True:
      item, failure = made.get()
      if failure is not None:
        raise failure
      if item is _END:
        return
      wanted.release()
      yield item
      del item
  finally:
    stopped.set()
    wanted.release()
    thread.join()
