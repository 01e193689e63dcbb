"""Processes that run jobs in turn: A B A B, so that both meet the same minutes.

See speed_loop.py for what such a process does.
"""

import contextlib
import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys

from heightnet_tf import errors

_HERE = pathlib.Path(__file__).resolve().parent
_PACKAGES = (
  'torch==2.13.0',
  'rasterio==1.4.4',
  'numpy==2.4.6',
  'onnx==1.23.2',
  'onnxruntime==1.32.0',
)
# A measurement runs its job until about so long is over.
_LEAST_S = 0.5


@dataclasses.dataclass(frozen=True, kw_only=True)
class Machine:
  """Where jobs run.

  Attributes:
    peer: Python of the peer's environment.
    logs: folder for what processes print.
    repeats: how often each job takes its turn.
  """

  peer: pathlib.Path
  logs: pathlib.Path
  repeats: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
  """What became of a job.

  Attributes:
    seconds: of one run, for each turn.
    facts: what the job told of itself.
    peak_mb: largest memory of its process.
  """

  seconds: list[float]
  facts: dict
  peak_mb: int

  @property
  def median_s(self):
    return statistics.median(self.seconds)


def ours(job, **arguments):
  """A job of speed_ours.py, for `measure`."""
  return 'ours', {'job': job, **arguments}


def scene(**arguments):
  """The job of speed_scene.py, for `measure`."""
  return 'scene', {'job': 'scene', **arguments}


def peer(job, **arguments):
  """A job of speed_peer.py, for `measure`."""
  return 'peer', {'job': job, **arguments}


def measure(machine: Machine, *jobs) -> list[Measured]:
  """Sets jobs up one after the other, then runs them in turn.

  Args:
    machine: where.
    *jobs: of `ours` and `peer`.

  Returns:
    What became of each.

  Raises:
    errors.InputError: a process ended early.
  """
  with contextlib.ExitStack() as stack:
    processes = [
      stack.enter_context(_Process(machine, side, arguments))
      for side, arguments in jobs
    ]
    # Also the first run beside the others' memory, which is not counted.
    times = [
      max(1, round(_LEAST_S / process.seconds(1))) for process in processes
    ]
    seconds = [[] for _ in jobs]
    for _ in range(machine.repeats):
      for found, process, often in zip(seconds, processes, times, strict=True):
        found.append(process.seconds(often) / often)
    return [
      Measured(seconds=found, facts=process.facts, peak_mb=process.finish())
      for found, process in zip(seconds, processes, strict=True)
    ]


class _Process:
  """One job in a process of its own."""

  def __init__(self, machine, side, arguments):
    self._log = machine.logs / f'{side}_{arguments["job"]}.log'
    python = machine.peer if side == 'peer' else sys.executable
    with self._log.open('w') as log:
      self._process = subprocess.Popen(
        [python, _HERE / f'speed_{side}.py', json.dumps(arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
      )

  def __enter__(self):
    try:
      self.facts = self._answer()
    except BaseException:
      self.__exit__()
      raise
    return self

  def __exit__(self, *_):
    self._process.kill()
    self._process.wait()
    self._process.stdin.close()
    self._process.stdout.close()

  def seconds(self, times):
    self._process.stdin.write(f'{times}\n')
    self._process.stdin.flush()
    return self._answer()['seconds']

  def finish(self):
    self._process.stdin.close()
    return self._answer()['peak_mb']

  def _answer(self):
    line = self._process.stdout.readline()
    if not line:
      raise errors.InputError(
        f'A process of the benchmark ended early; {self._log} tells why.'
      )
    return json.loads(line)


def set_up_peer(venv) -> pathlib.Path:
  """Makes the peer's environment if it is not there; gives its Python.

  Args:
    venv: its folder.
  """
  python = pathlib.Path(venv, 'bin', 'python').absolute()
  complete = pathlib.Path(venv, 'complete')
  if not complete.exists():
    subprocess.run([sys.executable, '-m', 'venv', venv], check=True)
    subprocess.run(
      [python, '-m', 'pip', 'install', '-q', *_PACKAGES], check=True
    )
    complete.touch()
  return python
