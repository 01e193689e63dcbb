r"""Speed and memory beside PyTorch and ONNX Runtime, and beside the machine.

  python benchmarks/speed.py --json=speed.json

Every row is measured in this run; both sides of a ratio take turns (A B A B),
the figure is the median. The peer runs the same networks with as many trained
parameters, channels-last, in float32 or bfloat16, eager or compiled: whatever
was fastest. Ours computes in what --amp chooses on this machine. A share of the
ceiling is that of a 3 x 3 convolution alone in the same format; operations are
counted from the network. Leave the machine alone meanwhile: about 25 minutes
on two cores. A whole run that is not --quick writes its table into RESULTS.md.
"""

import functools
import pathlib
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import places
import speed_figures
import speed_growth
import speed_processes
import speed_rows

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import errors
from heightnet_tf import files

_MODEL = flags.DEFINE_string('model', bundled.QUICK_MODEL, 'The default model.')
_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_ROWS = flags.DEFINE_list(
  'rows', [], 'Names of rows to measure; all but the longest if not given.'
)
_QUICK = flags.DEFINE_bool('quick', False, 'Two turns in place of five.')
_ACCURACY = flags.DEFINE_string(
  'accuracy', 'runs/accuracy', 'Where benchmarks/accuracy.py kept its results.'
)
_PEER_ENV = flags.DEFINE_string(
  'peer_env', 'runs/speed_peer', "The peer's environment, made if missing."
)
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/speed', 'Where scenes, exports and logs are kept.'
)
_RESULTS = flags.DEFINE_string(
  'results', 'benchmarks/RESULTS.md', 'Where the table goes.'
)
_PLOT = flags.DEFINE_string(
  'plot', 'benchmarks/speed_growth.png', 'Where the plot of growth goes.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')


def main(argv):
  """Measures group by group and prints each row as it comes."""
  command.reject_leftovers(argv)
  chosen = checked(_ROWS.value)
  bench = opened()
  rows = []
  for names, measure in GROUPS:
    if not chosen & set(names):
      continue
    for row in measured(names, measure, bench):
      if row['name'] in chosen:
        rows.append(row)
        print(speed_figures.told(row, REACH), flush=True)
    keep(rows)


def checked(wanted):
  """The set of row names wanted; all but the longest for none."""
  known = {name for names, _ in GROUPS for name in names}
  if unknown := set(wanted) - known:
    raise errors.FlagError(
      f'--rows={",".join(sorted(unknown))} is not known. Expected some of '
      f'{",".join(sorted(known))}.'
    )
  return set(wanted) or known - LONG


def opened():
  """What all rows share, from the flags."""
  work = pathlib.Path(_WORK_DIR.value).absolute()
  logs = work / 'logs'
  logs.mkdir(parents=True, exist_ok=True)
  return speed_rows.Bench(
    machine=speed_processes.Machine(
      peer=speed_processes.set_up_peer(_PEER_ENV.value),
      logs=logs,
      repeats=2 if _QUICK.value else 5,
    ),
    work=work,
    scenes=pathlib.Path(_SCENES.value).absolute(),
    model=pathlib.Path(_MODEL.value).absolute(),
    accuracy=pathlib.Path(_ACCURACY.value),
  )


def measured(names, measure, bench):
  """Rows of a group; if it fails, rows without a value that tell why."""
  try:
    return measure(bench)
  except errors.HeightnetError as error:
    return [{'name': name, 'value': None, 'how': str(error)} for name in names]


def report(rows):
  """Rows with the machine and the date."""
  return places.report(
    [row | {'reach': REACH.get(row['name'])} for row in rows],
    turns=2 if _QUICK.value else 5,
  )


def keep(rows):
  """Stores what is there so far; RESULTS.md has whole runs only."""
  if _JSON.value:
    files.write_json(_JSON.value, report(rows))
  if not _ROWS.value and not _QUICK.value:
    write(rows)


def write(rows):
  """Puts the table into RESULTS.md and draws the plot beside it."""
  path, plot = pathlib.Path(_RESULTS.value), pathlib.Path(_PLOT.value)
  section = speed_figures.section(report(rows), REACH)
  if speed_growth.draw(rows, plot):
    section += f'\n\n![Growth of time and memory]({plot.name})'
  text = path.read_text(encoding='utf-8')
  files.write_text(path, speed_figures.with_section(text, section))


_LITE = 'unet_efficientnet_lite0'
# Row to (what it is at `least` or at `most`): the aim.
REACH = {
  'train_base32_vs_torch': ('least', 1.15),
  'train_base64_vs_ceiling': ('least', 0.8),
  'train_default_vs_torch': ('least', 1.15),
  'pipeline_warm_vs_step': ('least', 10.0),
  'pipeline_cold_vs_step': ('least', 3.0),
  'int8_vs_torch_bf16': ('least', 2.5),
  'scene_vs_seed': ('least', 8.0),
  'first_step_s': ('most', 15.0),
  'scene_time_slope': ('most', 1.02),
  'scene_memory_slope': ('most', 0.1),
}


def _training(name, network, base, batch):
  return (name,), functools.partial(
    speed_rows.training, name=name, network=network, base=base, batch=batch
  )


# Names of rows that are measured together, and what measures them.
GROUPS = (
  (speed_rows.CEILING_ROWS, speed_rows.ceilings),
  _training('train_base32_vs_torch', 'unet', 32, 4),
  _training('train_default_vs_torch', _LITE, 16, 8),
  (
    ('train_base64_vs_ceiling',),
    functools.partial(
      speed_rows.training_ceiling,
      name='train_base64_vs_ceiling',
      base=64,
      batch=4,
    ),
  ),
  (('pipeline_warm_vs_step', 'pipeline_cold_vs_step'), speed_rows.feeding),
  (speed_rows.INFERENCE_ROWS, speed_rows.inference),
  (('scene_vs_seed',), speed_growth.scene),
  (('first_step_s', 'first_pixel_s'), speed_growth.starting),
  (('scene_time_slope', 'scene_memory_slope'), speed_growth.scene_growth),
  (('train_batch_slope', 'train_tile_slope'), speed_growth.training_growth),
  _training('train_base32_batch16_vs_torch', 'unet', 32, 16),
  _training('train_base64_vs_torch', 'unet', 64, 4),
  _training('train_base64_batch16_vs_torch', 'unet', 64, 16),
)
# A minute for each step: measured where it is asked for.
LONG = {'train_base64_batch16_vs_torch'}


if __name__ == '__main__':
  command.run(main)
