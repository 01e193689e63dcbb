"""Servers as processes of their own, and what they cost; for serving.py."""

import base64
import contextlib
import json
import pathlib
import random
import socket
import subprocess
import sys
import threading
import time

_SERVER_PORTS = range(20_000, 30_000)
_ROOT = pathlib.Path(__file__).resolve().parent.parent


def free_port():
  """A port that nobody listens on just now.

  Below those that the system gives to clients: a client that tries again while
  the server is down must not happen upon the server's port and take it.
  """
  for port in random.sample(_SERVER_PORTS, len(_SERVER_PORTS)):
    with (
      contextlib.suppress(OSError),
      socket.create_server(('127.0.0.1', port)),
    ):
      return port
  raise RuntimeError('No port is free.')


class Process:
  """A server that can be killed and started again on the same ports."""

  def __init__(self, *command):
    self._command = [sys.executable, *command]
    self.starts = 0
    self.start()

  def start(self):
    self._process = subprocess.Popen(
      self._command, stdout=subprocess.PIPE, cwd=_ROOT, text=True
    )
    if not self._process.stdout.readline():  # ready, or serving
      raise RuntimeError(f'{self._command[1:3]} ended before it served.')
    self.starts += 1

  def kill(self):
    self._process.kill()
    self._process.wait()
    self._process.stdout.close()

  def is_alive(self):
    return self._process.poll() is None

  def memory_mb(self, field='VmRSS'):
    """Memory now, or `VmHWM`: its peak; from Linux' /proc."""
    status = pathlib.Path(f'/proc/{self._process.pid}/status').read_text()
    line = next(line for line in status.splitlines() if field in line)
    return round(int(line.split()[1]) / 1024)


@contextlib.contextmanager
def small_server(model, **flags):
  """serve_main.py on a free port; gives the process and its address."""
  port = free_port()
  options = [f'--{name}={value}' for name, value in flags.items()]
  process = Process(
    'serve_main.py', f'--model={model}', f'--port={port}', *options
  )
  try:
    yield process, f'http://127.0.0.1:{port}'
  finally:
    process.kill()


@contextlib.contextmanager
def signature_server(folder):
  """The tests' server over a SavedModel; process, gRPC and REST addresses."""
  ports = free_port(), free_port()
  process = Process('-m', 'tests.model_server', str(folder), *map(str, ports))
  try:
    yield (
      process,
      *(
        f'{scheme}://127.0.0.1:{port}/heightnet'
        for scheme, port in zip(('grpc', 'http'), ports, strict=True)
      ),
    )
  finally:
    process.kill()


def post(session, url, content):
  """Sends one file, or JSON as it is; the status and the reply."""
  body = content
  if isinstance(content, bytes):
    body = json.dumps(
      {
        'signature_name': 'image_bytes_png',
        'inputs': {
          'image_bytes': [{'b64': base64.b64encode(content).decode()}]
        },
      }
    )
  reply = session.post(
    f'{url}/v1/models/heightnet:predict', data=body, timeout=120
  )
  return reply.status_code, reply.json()


@contextlib.contextmanager
def killed(process, pauses_s):
  """Kills and restarts a server after each of the pauses, while others work.

  Gives the moments of the kills, of `time.monotonic`.
  """
  moments = []

  def work():
    for pause_s in pauses_s:
      time.sleep(pause_s)
      moments.append(time.monotonic())
      process.kill()
      process.start()

  thread = threading.Thread(target=work)
  thread.start()
  try:
    yield moments
  finally:
    thread.join()
