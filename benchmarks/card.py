r"""Writes the card of the bundled model from results that commands measured.

  python benchmarks/card.py --blocks=bundled.json --left_out=left_out.json \
    --commands=commands.sh --flagfiles=configs/start.cfg,configs/bundled.cfg

Takes what benchmarks/bundled.py and benchmarks/left_out.py wrote with --json,
and from --folder the model and the parity.json of bundle_main.py.
"""

import json
import pathlib
import string
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import aims
import places

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.heights import error_sums
from heightnet_tf.training import model_file

_FOLDER = flags.DEFINE_string(
  'folder', str(bundled.FOLDER), 'Where the model is and README.md goes.'
)
_BLOCKS = flags.DEFINE_string('blocks', None, 'Of benchmarks/bundled.py.')
_LEFT_OUT = flags.DEFINE_string('left_out', None, 'Of benchmarks/left_out.py.')
_COMMANDS = flags.DEFINE_string(
  'commands', None, 'Text file: the commands that made the model.'
)
_FLAGFILES = flags.DEFINE_list('flagfiles', [], 'Those that they name.')

_TEMPLATE = pathlib.Path(__file__).with_name('card.md')
_COLUMNS = (
  ('mae_m', 'MAE (m)', 2),
  ('rmse_m', 'RMSE (m)', 2),
  ('mae_20m_up_m', 'MAE from 20 m up (m)', 1),
  ('f1_1m', 'F1 at 1 m', 2),
  ('correlation', 'correlation', 2),
  ('mae_m_percent', 'MAE against the better trivial answer (%)', 0),
  ('rmse_m_percent', 'RMSE against it (%)', 0),
  ('coverage_50', 'in the 50 % interval', 2),
  ('coverage_80', 'in the 80 % one', 2),
  ('coverage_95', 'in the 95 % one', 2),
  ('ece', 'calibration error', 3),
)
_CHANGES = (
  ('mae_m', 'MAE (m)', 2),
  ('change_percent', 'change (%)', 1),
  ('mae_20m_up_m', 'MAE from 20 m up (m)', 1),
)


def main(argv):
  """Reads, fills the template and writes."""
  command.reject_leftovers(argv)
  command.require('blocks', 'left_out', 'commands')
  folder = pathlib.Path(_FOLDER.value)
  blocks, left_out = read_json(_BLOCKS.value), read_json(_LEFT_OUT.value)
  changes = [row for row in blocks['rows'] if 'change_percent' in row]
  shown = [row for row in blocks['rows'] if row not in changes[1:]]
  model, factor = of_model(folder)
  parity = read_json(folder / 'parity.json')
  text = string.Template(_TEMPLATE.read_text(encoding='utf-8')).substitute(
    model,
    factor=f'{factor:g}',
    date=blocks['date'],
    processor=blocks['processor'],
    machine=blocks['machine'],
    files=file_lines(parity),
    commands=pathlib.Path(_COMMANDS.value).read_text(encoding='utf-8').strip(),
    flagfiles='\n\n'.join(map(quoted, _FLAGFILES.value)),
    minutes=f'{left_out["minutes"]:g}',
    window_px=places.WINDOW_PX,
    overlap_px=places.OVERLAP_PX,
    left_out=places.markdown(left_out['rows'], filled(left_out['rows'])),
    scored=scored(blocks),
    blocks=places.markdown(shown, filled(shown)),
    bins='\n'.join(map(bin_line, changes[0]['bins'])),
    robustness=places.markdown(changes, _CHANGES),
    failures='\n'.join(failures(changes)),
    aims=aims.markdown(left_out['rows'], changes[1:], parity, factor=factor),
  )
  files.write_text(folder / 'README.md', text)


def scored(blocks):
  """What the model of the second table was trained and scored on."""
  names = ', '.join(blocks['places'])
  if blocks['whole']:
    return f'on all places but {names}, and scored on the whole of it'
  return f'on {names} but for every fourth block, and scored on those'


def read_json(path):
  """Content of a JSON file."""
  return json.loads(pathlib.Path(path).read_text(encoding='utf-8'))


def of_model(folder):
  """What the model file says of itself; the factor on its heights."""
  model, card = model_file.load(folder / bundled.NAME)
  return {
    'bands': ', '.join(card.bands),
    'gsd_m': f'{card.gsd_m:g}',
    'outputs': ' and '.join(f'`{name}`' for name in card.outputs),
    'network': f'`{card.network["name"]}`',
    'parameters': f'{model.count_params() / 1e6:.1f}',
  }, card.height_factor


def file_lines(parity):
  """Rows of the table of files."""
  return '\n'.join(
    f'| {row["file"]} | {row["size_mb"]:.1f} | {row["mae_m"]:.3f} | '
    f'{row["mae_change_m"]:+.3f} |'
    for row in parity['files']
  )


def quoted(path):
  """A flagfile with its name."""
  text = pathlib.Path(path).read_text(encoding='utf-8').strip()
  return f'`{path}`:\n\n```\n{text}\n```'


def filled(rows):
  """The columns that any row has something to show in."""
  return [
    column
    for column in _COLUMNS
    if any(row.get(column[0]) is not None for row in rows)
  ]


def bin_line(figures):
  """Row of the table of heights."""
  numbers = [
    '' if figures[name] is None else f'{figures[name]:.2f}'
    for name in ('mae_m', 'rmse_m', 'bias_m')
  ]
  label = error_sums.bin_label(figures['low_m'], figures['high_m'])
  return f'| {label} | {figures["share"]:.1%} | {" | ".join(numbers)} |'


def failures(changes):
  """Yields what is known of heights that are far off."""
  tall_m = changes[0]['bias_20m_up_m']
  if tall_m is not None:
    yield f'- What is 20 m and taller comes out {-tall_m:.1f} m too low.'


if __name__ == '__main__':
  command.run(main)
