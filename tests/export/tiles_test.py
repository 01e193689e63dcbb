import dataclasses

import numpy as np
import pytest

from heightnet_tf import errors
from heightnet_tf.data import sources
from heightnet_tf.export import tiles

_OPTIONS = tiles.TileOptions(
  window_px=8, calibration=4, check=2, validation_percent=50, seed=0
)
_FOLDER = sources.FolderOptions(
  image_suffix='', mask_suffix='', height_scale=1.0, height_nodata=None
)


class _Source:
  """Samples whose pixels all hold the sample's own number."""

  name = 'fake'
  version = '1'

  def __init__(self, shapes, bands=3, known=True):
    self._shapes, self._bands, self._known = shapes, bands, known
    self.names = self.groups = tuple(f's{k}' for k in range(len(shapes)))

  def __len__(self):
    return len(self._shapes)

  def read(self, index):
    shape = self._shapes[index]
    return sources.Sample(
      name=self.names[index],
      group=self.groups[index],
      image=np.full((*shape, self._bands), index, np.uint8),
      height_m=np.full(shape, index if self._known else np.nan, np.float32),
      gsd_m=None,
    )


def test_calibration_and_check_share_no_scene(card):
  source = _Source([(16, 16)] * 4)

  calibration, check = tiles.split_tiles(source, card, _OPTIONS)

  assert calibration.image.shape == (4, 8, 8, 3)
  assert check.height_m.shape == (2, 8, 8, 1)
  assert not set(calibration.image.flat) & set(check.image.flat)


def test_without_validation_both_are_from_all_pairs(card):
  options = dataclasses.replace(_OPTIONS, validation_percent=0)

  _, check = tiles.split_tiles(_Source([(8, 8)]), card, options)

  assert check.image.shape == (1, 8, 8, 3)


class _Towers(_Source):
  """Many tiles of ground, four with a tree and one with a tower."""

  def read(self, index):
    sample = super().read(index)
    sample.height_m[...] = 0.0
    if index in (3, 5, 7, 9):
      sample.height_m[0, 0] = 12.0
    if index == 8:
      sample.height_m[-1, -1] = 35.0
    return sample


def test_tall_things_are_among_the_tiles_however_rare(card):
  source = _Towers([(8, 8)] * 60)

  chosen = tiles.choose(source, range(60), card, _OPTIONS, count=6)

  tallest_m = sorted(chosen.height_m.max(axis=(1, 2, 3)))
  # In turn: 35, 12 and 0; then 12 and 0; then 12.
  assert tallest_m == [0, 0, 12, 12, 12, 35]


def test_the_same_seed_takes_the_same_tiles_and_another_not(card):
  def taken(seed):
    options = dataclasses.replace(_OPTIONS, seed=seed)
    chosen = tiles.choose(
      _Source([(8, 8)] * 60), range(60), card, options, count=6
    )
    return [image[0, 0, 0] for image in chosen.image]

  assert taken(0) == taken(0) == sorted(taken(0))
  assert taken(0) != taken(1)


def test_of_very_many_samples_some_are_looked_at(card, monkeypatch):
  monkeypatch.setattr(tiles, '_MOST_SAMPLES', 3)

  chosen = tiles.choose(
    _Source([(8, 8)] * 5), range(5), card, _OPTIONS, count=5
  )

  assert [image[0, 0, 0] for image in chosen.image] == [0, 2, 4]


def test_tiles_for_several_sizes(card):
  sizes = tiles.sized(_Source([(32, 32)] * 4), card, _OPTIONS, (16, 0))

  assert [size.side_px for size in sizes] == [16, 0]
  assert [size.check.image.shape[1] for size in sizes] == [16, 8]
  assert [len(size.calibration.image) for size in sizes] == [4, 4]


@pytest.mark.parametrize('texts', [['-1'], ['big'], ['256', '256'], ['']])
def test_sizes_that_are_none(texts):
  with pytest.raises(errors.FlagError, match='--tflite_px'):
    tiles.parse_sizes(texts)


def test_sizes():
  assert tiles.parse_sizes(['256', ' 512', '0']) == (256, 512, 0)


def test_a_small_sample_is_padded_with_unknown_heights(card):
  chosen = tiles.choose(_Source([(6, 8)]), [0], card, _OPTIONS, count=1)

  assert np.isnan(chosen.height_m[0, 6:]).all()
  assert np.isfinite(chosen.height_m[0, :6]).all()
  assert np.isfinite(chosen.image).all()


def test_a_missing_folder_names_the_flag(card, tmp_path):
  with pytest.raises(errors.InputError, match='set --data_dir'):
    tiles.open_source(tmp_path / 'none', card, folder_options=_FOLDER)


def test_without_a_folder_tiles_are_made_up_and_a_note_says_so(
  card, tmp_path, monkeypatch, capsys
):
  monkeypatch.chdir(tmp_path)
  source = tiles.open_source(None, card, folder_options=_FOLDER)
  assert source.name == 'the made-up world'
  assert source.read(0).gsd_m == (card.gsd_m or 1)
  assert 'on made-up tiles' in capsys.readouterr().err


def test_the_usual_folder_needs_no_name(
  card, pairs_folder, tmp_path, monkeypatch, capsys
):
  monkeypatch.chdir(tmp_path)
  (tmp_path / 'data').mkdir()
  (tmp_path / 'data' / 'train_dataset').symlink_to(pairs_folder)
  source = tiles.open_source(None, card, folder_options=_FOLDER)
  assert source.name != 'the made-up world'
  assert not capsys.readouterr().err


def test_images_are_resized_to_what_the_network_sees(card, pairs_folder):
  half = dataclasses.replace(card, scale=0.5)

  source = tiles.open_source(pairs_folder, half, folder_options=_FOLDER)

  assert source.read(0).image.shape == (20, 24, 3)


def test_a_window_that_the_network_does_not_take(card):
  options = dataclasses.replace(_OPTIONS, window_px=10)

  with pytest.raises(errors.FlagError, match=r'of 10 pixels.*multiple of 4'):
    tiles.split_tiles(_Source([(16, 16)]), card, options)


def test_another_number_of_bands(card):
  with pytest.raises(errors.ModelFileError, match=r'has 4 bands.*takes 3'):
    tiles.choose(_Source([(8, 8)], bands=4), [0], card, _OPTIONS, count=1)


def test_no_known_height(card):
  with pytest.raises(errors.HeightError, match='No tile taken from fake'):
    tiles.choose(_Source([(8, 8)], known=False), [0], card, _OPTIONS, count=1)
