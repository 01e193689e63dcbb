r"""Accuracy on areas never trained on, beside the peer in PyTorch.

  python benchmarks/accuracy.py --json=accuracy.json

The *blocks* protocol: every fourth block of a 512-pixel grid of three real
places is for testing; training takes tiles that touch no such block; whole
scenes are predicted and the errors of all known pixels in test blocks pooled.
Ours and the peer train for the same minutes, one after the other; leave the
machine alone meanwhile. What is finished is kept in --work_dir, so that an
interrupted run goes on; remove the folder for a fresh one.
"""

import pathlib
import subprocess
import sys

from absl import flags

# The package need not be installed: it lies beside this folder.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import peer
import places

from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.inference import averaging

_SCENES = flags.DEFINE_string(
  'scenes', '../shared/data', 'Folder with a folder per place.'
)
_PEER = flags.DEFINE_string(
  'peer', '../shared/peers/seed_torch.py', "The peer's script."
)
_PLACES = flags.DEFINE_list(
  'places', ['autzen', 'frankfort_ky', 'woodford_ky'], 'Places to pool.'
)
_MINUTES = flags.DEFINE_float('minutes', 15.0, 'Training time of each.')
_CONFIG = flags.DEFINE_string(
  'config', 'configs/blocks.cfg', 'Our flagfile for train_main.py.'
)
_START = flags.DEFINE_string(
  'start', '', 'Model to start from; one that has seen none of the places.'
)
_PEER_SCALES = flags.DEFINE_list(
  'peer_scales', ['0.5', '1.0'], "The peer's image scales; empty for no peer."
)
_EXPORTS = flags.DEFINE_bool(
  'exports', True, 'Also export our model and score every file.'
)
_WORK_DIR = flags.DEFINE_string(
  'work_dir', 'runs/accuracy', 'Where tiles, runs and results are kept.'
)
_JSON = flags.DEFINE_string('json', '', 'Where the figures go as JSON.')


def main(argv):
  """Prepares, trains, scores and prints one table."""
  command.reject_leftovers(argv)
  work = pathlib.Path(_WORK_DIR.value)
  places.cut(work / 'blocks', find(), places.test_blocks)
  rows = places.kept(work / 'ours.json', lambda: ours(work))
  if _PEER_SCALES.value:
    setup = places.kept(
      work / 'peer_setup.json',
      lambda: peer.set_up(_PEER.value, work / 'peer_venv'),
    )
    rows += [
      places.kept(
        work / f'peer_{scale}.json', lambda scale=scale: theirs(setup, scale)
      )
      for scale in _PEER_SCALES.value
    ]
  rows += places.kept(
    work / 'trivial.json',
    lambda: places.trivial(work / 'blocks', find, places.test_blocks),
  )
  if _EXPORTS.value:
    rows += places.kept(work / 'exports.json', lambda: exports(work))
  report = places.report(rows, minutes=_MINUTES.value)
  places.print_table(report)
  if _JSON.value:
    files.write_json(_JSON.value, report)


def ours(work):
  """Trains with our flagfile and scores the last model."""
  run = work / 'run'
  subprocess.run(
    [
      sys.executable,
      'train_main.py',
      f'--flagfile={_CONFIG.value}',
      f'--data_dir={work / "blocks"}',
      f'--run_dir={run}',
      f'--minutes={_MINUTES.value}',
      f'--load={_START.value}',
    ],
    check=True,
  )
  return [
    {'name': 'heightnet_tf'} | score_file(run / 'last.keras'),
    {'name': 'heightnet_tf, --tta'} | score_file(run / 'last.keras', turned),
  ]


def turned(predictor):
  """What --tta makes of a predictor."""
  return averaging.averaged([predictor], tta=True, disagreement=False)


def theirs(setup, scale):
  """Trains and scores the peer at one scale."""
  return peer.run(
    _PEER.value,
    setup,
    places=[f'{_SCENES.value}/{place}' for place in _PLACES.value],
    minutes=_MINUTES.value,
    scale=scale,
  )


def find():
  """The scenes, read anew each time."""
  return places.scenes(_SCENES.value, _PLACES.value)


def score_file(path, *wrap):
  """Scores a model of any format on the test blocks."""
  return places.score_file(path, find(), places.test_blocks, *wrap)


def exports(work):
  """Exports our model and scores every file on the same test blocks."""
  output = work / 'export'
  subprocess.run(
    [
      sys.executable,
      'export_main.py',
      f'--model={work / "run" / "last.keras"}',
      f'--output={output}',
      f'--data_dir={work / "blocks"}',
      f'--window_px={places.WINDOW_PX}',
    ],
    check=True,
  )
  paths = [output / 'heightnet', *sorted(output.glob('*.tflite'))]
  return [{'name': path.name} | score_file(path) for path in paths]


if __name__ == '__main__':
  command.run(main)
