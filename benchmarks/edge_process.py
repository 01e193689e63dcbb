"""Times one `.tflite` file in a process of its own; for edge.py.

  python benchmarks/edge_process.py FILE SIDE_PX THREADS RUNS

Without TensorFlow, so that the memory is what a small device needs. Prints
JSON: median and lowest time to predict one tile, and memory before the model
was opened and at its peak.
"""

import json
import pathlib
import statistics
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'edge'))

import models


def memory_mb(field):
  """Memory of this process; from Linux' /proc."""
  status = pathlib.Path('/proc/self/status').read_text(encoding='utf-8')
  line = next(line for line in status.splitlines() if field in line)
  return int(line.split()[1]) / 1024


def main(path, side_px, threads, runs):
  """Opens the model, predicts once to warm up, then takes the time."""
  before_mb = memory_mb('VmRSS')
  model = models.Model(path, threads=threads)
  side_px = model.fixed_px or side_px
  shape = (side_px, side_px, len(model.card['bands']))
  image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
  model.predict(image)
  seconds = []
  for _ in range(runs):
    start = time.perf_counter()
    model.predict(image)
    seconds.append(time.perf_counter() - start)
  figures = {
    'side_px': side_px,
    'latency_ms': 1e3 * statistics.median(seconds),
    'lowest_ms': 1e3 * min(seconds),
    'start_mb': before_mb,
    'peak_mb': memory_mb('VmHWM'),
  }
  print(json.dumps(figures))


if __name__ == '__main__':
  main(sys.argv[1], *map(int, sys.argv[2:]))
