"""Calling a server that may be starting, busy or gone."""

from collections.abc import Callable
import dataclasses
import itertools
import random
import time

from heightnet_tf import errors

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Address:
  """Where a model is served.

  Attributes:
    host: host and port.
    name: of the model on the server.
    version: of the model; None for the newest.
  """

  host: str
  name: str
  version: int | None


class UnavailableError(Exception):
  """The server cannot be reached, or is busy: worth another try."""


class RefusedError(Exception):
  """The server answered that it will not do this."""


def patiently(call: Callable, *, deadline_s: float, server: str):
  """Calls until there is an answer, with longer and longer pauses.

  Args:
    call: takes the seconds that are left; raises UnavailableError.
    deadline_s: seconds for all tries together.
    server: its address, for messages.

  Returns:
    What `call` returns.

  Raises:
    RefusedError: as `call`.
    errors.ServerError: no answer before the deadline.
  """
  end = time.monotonic() + deadline_s
  for attempt in itertools.count():
    try:
      return call(end - time.monotonic())
    except UnavailableError as error:
      # At random, lest many clients return in step.
      pause_s = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
      pause_s *= random.uniform(0.5, 1.0)
      if time.monotonic() + pause_s >= end:
        raise errors.ServerError(
          f'No answer from {server} within {deadline_s:g} s ({error}). Start '
          'the server, or check protocol, host and port.'
        ) from error
      time.sleep(pause_s)
