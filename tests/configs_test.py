import pathlib

from absl import flags
import pytest

_ROOT = pathlib.Path(__file__).parent.parent
_SCRIPT_OF = dict.fromkeys(
  ('demo_data.cfg', 'world.cfg', 'world_wide.cfg'), 'synthesize_main'
)
_CONFIGS = sorted(path.name for path in (_ROOT / 'configs').glob('*.cfg'))


@pytest.mark.parametrize('name', _CONFIGS)
def test_flagfile_is_understood(load_main, monkeypatch, name):
  monkeypatch.chdir(_ROOT)
  load_main(_SCRIPT_OF.get(name, 'train_main'))
  rest = flags.FLAGS(['main.py', f'--flagfile=configs/{name}'])
  assert rest == ['main.py']
  first = (_ROOT / 'configs' / name).read_text().splitlines()[0]
  assert first.startswith('# ')
