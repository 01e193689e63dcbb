"""A process that sets one job up and then runs it as often as it is told.

Both sides of benchmarks/speed.py are such processes, each in its environment:
only Python's own library is needed here.
"""

import json
import os
import pathlib
import re
import sys
import time


def serve(jobs):
  """Does the job named on the command line, and tells how long it took.

  Reads numbers from standard input, a line each: run the job so many times.
  Answers in lines of JSON: facts of the job once it is ready, `seconds` after
  each number, the process' largest memory `peak_mb` at the end.

  Args:
    jobs: name to function of the job's arguments; it sets the job up and gives
      a function that runs it once, and a dict of facts.
  """
  answers = os.fdopen(os.dup(1), 'w')
  # What libraries print is no answer.
  os.dup2(2, 1)

  def answer(found):
    answers.write(json.dumps(found) + '\n')
    answers.flush()

  arguments = json.loads(sys.argv[1])
  run, facts = jobs[arguments.pop('job')](**arguments)
  answer(facts)
  for line in sys.stdin:
    answer({'seconds': seconds_of(run, int(line))})
  answer({'peak_mb': peak_mb()})


def seconds_of(run, times):
  """How long some runs take together."""
  began = time.perf_counter()
  for _ in range(times):
    run()
  return time.perf_counter() - began


def peak_mb():
  """Largest memory of this process so far; 0 where the system does not tell.

  Not `resource.getrusage`: its figure begins with that of the parent.
  """
  status = pathlib.Path('/proc/self/status')
  found = re.search(r'VmHWM:\s+(\d+)', status.read_text())
  return round(int(found[1]) / 1024) if found else 0
