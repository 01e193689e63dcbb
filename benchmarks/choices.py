"""Choices compared by what leaving each out changes; rows of such tables."""

import concurrent.futures
import os
import statistics
import subprocess
import sys

from absl import flags
import places

from heightnet_tf import files

SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'None is trained on.'
)
SEEDS = flags.DEFINE_list('seeds', ['0', '1', '2'], 'One after the other.')
ONLY_TABLE = flags.DEFINE_bool('only_table', False, 'Train nothing more.')
_WORKERS = flags.DEFINE_integer('workers', 2, 'Runs at once, a core for each.')
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')

CHANGED = 'mae_m', 'rmse_m'
MEANS = *CHANGED, 'bias_m', 'mae_20m_up_m', 'correlation', 'f1_1m'
COLUMNS = (
  ('mae_m', 'MAE (m)', 2),
  ('mae_change', 'MAE (%)', 1),
  ('mae_spread', '± (%)', 1),
  ('rmse_m', 'RMSE (m)', 2),
  ('rmse_change', 'RMSE (%)', 1),
  ('rmse_spread', '± (%)', 1),
  ('bias_m', 'bias (m)', 2),
  ('mae_20m_up_m', 'MAE from 20 m up (m)', 1),
  ('correlation', 'correlation', 2),
  ('f1_1m', 'F1 at 1 m', 2),
  ('seeds', 'seeds', 0),
)


def compare(names, jobs, find, **facts):
  """Does the jobs unless --only_table, prints the table and writes --json.

  Args:
    names: of the choices, as of `rows_of`.
    jobs: functions of nothing, to be done several at once.
    find: function of nothing, to what is found then, as of `rows_of`.
    **facts: what else the JSON tells.
  """
  if not ONLY_TABLE.value:
    _do_all(jobs)
  rows = rows_of(find(), list(names), SEEDS.value, PLACES.value)
  print(places.markdown(rows, COLUMNS))
  if _JSON.value:
    files.write_json(_JSON.value, places.report(rows, **facts))


def _do_all(jobs):
  """Calls functions of nothing, several at once; the first error ends it."""
  with concurrent.futures.ThreadPoolExecutor(_WORKERS.value) as pool:
    waiting = [pool.submit(job) for job in jobs]
    try:
      for done in concurrent.futures.as_completed(waiting):
        done.result()
    except BaseException:
      pool.shutdown(cancel_futures=True)
      raise


def train(run, flagged):
  """Trains into a folder, on this run's share of the cores; logs beside it."""
  threads = str(max(1, (os.cpu_count() or 1) // _WORKERS.value))
  log = run.with_suffix('.log')
  log.parent.mkdir(parents=True, exist_ok=True)
  with log.open('w') as stream:
    subprocess.run(
      [sys.executable, 'train_main.py', f'--run_dir={run}', *flagged],
      check=True,
      stdout=stream,
      stderr=stream,
      env=os.environ
      | {'OMP_NUM_THREADS': threads, 'TF_NUM_INTRAOP_THREADS': threads},
    )


def rows_of(found, names, seeds, where):
  """A row for each choice: its errors against those of the first one.

  Args:
    found: figures by (seed, choice, place); some may be missing.
    names: of the choices; the first is what the others are compared with.
    seeds: of the runs.
    where: places that were scored.

  Returns:
    Rows with the means of figures over places and seeds, and `mae_change`,
    `rmse_change` and their spreads, percent; of seeds that have every place
    both of the choice and of the first one.
  """
  rows = []
  whole = names[0]

  def of(choice, seed, name):
    return [found[seed, choice, place][name] for place in where]

  for choice in names:
    done = [
      seed
      for seed in seeds
      if all(
        (seed, one, place) in found
        for one in (choice, whole)
        for place in where
      )
    ]
    row = {'name': choice, 'seeds': len(done)}
    for name in MEANS if done else ():
      row[name] = statistics.mean(
        value for seed in done for value in of(choice, seed, name)
      )
    for name in CHANGED if done else ():
      ours = [of(choice, seed, name) for seed in done]
      against = [of(whole, seed, name) for seed in done]
      if choice == whole:  # which differs from itself in seeds alone
        against = [_means(ours)] * len(ours)
      changes = [_change(*pair) for pair in zip(ours, against, strict=True)]
      kind = name.removesuffix('_m')
      row[f'{kind}_change'] = statistics.mean(changes)
      row[f'{kind}_spread'] = (
        statistics.stdev(changes) if len(changes) > 1 else None
      )
    rows.append(row)
  return rows


def _means(lists):
  """The mean of every place over the seeds."""
  return [statistics.mean(values) for values in zip(*lists, strict=True)]


def _change(values, against):
  """Percent by which values differ, as a mean over places."""
  return statistics.mean(
    100 * value / other - 100
    for value, other in zip(values, against, strict=True)
  )
