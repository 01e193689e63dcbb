import dataclasses
import json

import affine
import numpy as np
import pytest
import rasterio.crs
import rasterio.warp

from heightnet_tf import errors
from heightnet_tf.data import preparing
from heightnet_tf.data import scene_files
from heightnet_tf.geo import raster
from heightnet_tf.geo import reading
from heightnet_tf.geo import writing

_OPTIONS = preparing.Options(
  tile_px=8,
  stride_px=8,
  min_known=0.5,
  test_area='east:25%',
  height_scale=1.0,
  height_nodata=None,
  fill_pits_m=0,
)


def _place(shape, *, west=500000.0, gsd=1.0, epsg=32617):
  return raster.Raster(
    pixels=np.zeros((*shape, 1), np.uint8),
    crs=rasterio.crs.CRS.from_epsg(epsg),
    transform=affine.Affine(gsd, 0, west, 0, -gsd, 4200000),
    known=np.ones(shape, bool),
    bands=('nothing',),
    path='place.tif',
  )


def _image(path, place):
  image = np.random.default_rng(0).integers(0, 256, (*place.shape, 3), np.uint8)
  writing.write_image(path, image, place)
  return str(path)


def _height(path, place, height_m=None):
  if height_m is None:
    height_m = np.random.default_rng(1).gamma(1, 4, place.shape)
  writing.write_height(path, height_m, place)
  return str(path)


def _scene(image, height):
  return scene_files.Scene(image=image, height=height, dsm=None, dtm=None)


@pytest.fixture
def scene(tmp_path):
  place = _place((16, 40))
  return _scene(
    _image(tmp_path / 'a.tif', place), _height(tmp_path / 'h.tif', place)
  )


def _prepare(scenes, output, *, overwrite=False, **changes):
  options = dataclasses.replace(_OPTIONS, **changes)
  return preparing.prepare(scenes, output, options, overwrite=overwrite)


def _tiles(output, part):
  return sorted((output / f'{part}_dataset' / 'masks').iterdir())


def _footprints(output, part):
  """Lists west, east, south, north of the tiles of a set."""
  bounds = []
  for path in _tiles(output, part):
    with rasterio.open(path) as dataset:
      bounds.append(dataset.bounds)
  return bounds


def test_sets_lie_apart(tmp_path, scene):
  summary = _prepare([scene], tmp_path / 'out', stride_px=5)
  train = _footprints(tmp_path / 'out', 'train')
  test = _footprints(tmp_path / 'out', 'test')
  assert max(one.right for one in train) <= 500030
  assert min(one.left for one in test) >= 500030
  # Every pixel of both areas is in a tile: to the edge between them too.
  assert max(one.right for one in train) == 500030
  assert min(one.left for one in test) == 500030
  assert (summary.train.tiles, summary.test.tiles) == (len(train), len(test))
  assert summary.train.share_known == 1
  assert summary.warnings == ()


def test_no_pixel_is_tested_twice(tmp_path, scene):
  # 12 of 40 columns: one tile and half of another, whatever the stride.
  _prepare([scene], tmp_path / 'out', stride_px=3, test_area='east:30%')
  counts = np.zeros((16, 40), int)
  for path in _tiles(tmp_path / 'out', 'test'):
    row, column = (int(part) for part in path.stem.split('_')[1:])
    known = reading.read_height(path, scale=1.0, nodata=None).known
    counts[row : row + 8, column : column + 8] += known
  assert (counts[:, :28] == 0).all()
  assert (counts[:, 28:] == 1).all()


def test_images_and_masks_pair_by_name(tmp_path, scene):
  _prepare([scene], tmp_path / 'out')
  names = sorted(path.name for path in (tmp_path / 'out').iterdir())
  assert names == ['test_dataset', 'train_dataset']
  for part in ('train', 'test'):
    folder = tmp_path / 'out' / f'{part}_dataset'
    images = sorted(path.name for path in (folder / 'imgs').iterdir())
    masks = sorted(path.name for path in (folder / 'masks').iterdir())
    assert images == masks
    assert all(name.startswith('a_') for name in images)


def test_training_avoids_the_test_area_of_a_scene_of_the_same_place(
  tmp_path, scene
):
  # 500020 to 500060, so the test area of `scene` (from 500030) is inside.
  place = _place((16, 40), west=500020)
  later = _scene(
    _image(tmp_path / 'b.tif', place), _height(tmp_path / 'hb.tif', place)
  )
  _prepare([scene, later], tmp_path / 'out')
  test_names = {path.name[:2] for path in _tiles(tmp_path / 'out', 'test')}
  assert test_names == {'a_', 'b_'}
  later_ones = [
    bounds
    for path, bounds in zip(
      _tiles(tmp_path / 'out', 'train'),
      _footprints(tmp_path / 'out', 'train'),
      strict=True,
    )
    if path.name.startswith('b_')
  ]
  assert later_ones
  assert all(one.left >= 500040 or one.right <= 500030 for one in later_ones)


def _area(folder, place, corners):
  """Writes a polygon, its corners given as columns and rows, in degrees."""
  ring = [place.transform @ corner for corner in [*corners, corners[0]]]
  polygon = {'type': 'Polygon', 'coordinates': [ring]}
  path = folder / 'area.geojson'
  path.write_text(
    json.dumps(rasterio.warp.transform_geom(place.crs, 'EPSG:4326', polygon))
  )
  return str(path)


def test_polygon_keeps_its_pixels_to_itself(tmp_path):
  place = _place((40, 40))
  scene = _scene(
    _image(tmp_path / 'a.tif', place), _height(tmp_path / 'h.tif', place)
  )
  # A triangle over the north-west corner.
  area = _area(tmp_path, place, [(0, 0), (24.5, 0), (0, 24.5)])
  _prepare([scene], tmp_path / 'out', test_area=area, min_known=0.1)
  rows, columns = np.mgrid[:40, :40] + 0.5
  inside = rows + columns < 24.5
  for part, wanted in (('train', False), ('test', True)):
    seen = np.zeros((40, 40), bool)
    for path in _tiles(tmp_path / 'out', part):
      row, column = map(int, path.stem.split('_')[1:])
      read = reading.read_height(path, scale=1.0, nodata=None)
      seen[row : row + 8, column : column + 8] |= read.known
    assert seen.any()
    assert not (seen & (inside != wanted)).any()


def test_polygon_can_take_a_whole_scene(tmp_path, scene):
  place = _place((16, 40), west=600000)
  other = _scene(
    _image(tmp_path / 'b.tif', place), _height(tmp_path / 'hb.tif', place)
  )
  area = _area(tmp_path, place, [(-5, -5), (50, -5), (50, 30), (-5, 30)])
  _prepare([scene, other], tmp_path / 'out', test_area=area)
  for part, letter in (('train', 'a'), ('test', 'b')):
    names = {path.name[0] for path in _tiles(tmp_path / 'out', part)}
    assert names == {letter}


@pytest.mark.parametrize(
  ('factor', 'plus_m', 'flag'),
  [(100, 0, '--height_scale'), (1, 300, '--dtm'), (1, -9999, '_nodata')],
)
def test_odd_heights_are_warned_of(tmp_path, factor, plus_m, flag):
  place = _place((16, 40))
  height_m = np.random.default_rng(1).gamma(1, 4, (16, 40)) * factor + plus_m
  scene = _scene(
    _image(tmp_path / 'a.tif', place),
    _height(tmp_path / 'h.tif', place, height_m),
  )
  (warning,) = _prepare([scene], tmp_path / 'out').warnings
  assert 'h.tif' in warning
  assert flag in warning


def test_pits_are_filled_for_training_from_training_heights(tmp_path):
  place = _place((16, 40))
  height_m = np.random.default_rng(1).uniform(9, 20, (16, 40))
  height_m[4, [4, 29, 34]] = 0
  scene = _scene(
    _image(tmp_path / 'a.tif', place),
    _height(tmp_path / 'h.tif', place, height_m),
  )
  _prepare([scene], tmp_path / 'out', fill_pits_m=1)
  read_m = np.full((16, 40), np.nan)
  for path in _tiles(tmp_path / 'out', 'train'):
    row, column = (int(part) for part in path.stem.split('_')[1:])
    tile = reading.read_height(path, scale=1.0, nodata=None)
    read_m[row : row + 8, column : column + 8] = tile.pixels[..., 0]
  assert read_m[4, 4] >= 9
  # Its fourth side lies in the test area, which training must not know.
  assert read_m[4, 29] == 0
  np.testing.assert_array_less(height_m[:, :30] - 0.01, read_m[:, :30])
  lowest_m = min(
    reading.read_height(path, scale=1.0, nodata=None).pixels[..., 0].min()
    for path in _tiles(tmp_path / 'out', 'test')
  )
  assert lowest_m == 0


def test_pits_need_a_pixel_size(tmp_path):
  place = dataclasses.replace(_place((16, 40)), crs=None, transform=None)
  scene = _scene(
    _image(tmp_path / 'a.tif', place), _height(tmp_path / 'h.tif', place)
  )
  _refused(
    errors.InputError,
    r'h\.tif has no georef.*--fill_pits_m',
    [scene],
    tmp_path / 'out',
    fill_pits_m=1,
  )


def test_table_shows_both_sets(tmp_path, scene):
  summary = _prepare([scene], tmp_path / 'out')
  head, train, test = summary.table().splitlines()
  assert head.split()[:3] == ['tiles', 'known', 'p5']
  assert train.split()[:2] == [str(tmp_path / 'out/train_dataset'), '8']
  assert len({len(line) for line in (train, test)}) == 1


# What users get wrong: one sentence, and no trace on the disk.


def _refused(kind, pattern, scenes, output, **changes):
  with pytest.raises(kind, match=pattern):
    _prepare(scenes, output, **changes)
  assert not output.exists()


def test_missing_files(tmp_path, scene):
  gone = str(tmp_path / 'gone.tif')
  for name in ('image', 'height'):
    bad = dataclasses.replace(scene, **{name: gone})
    _refused(
      errors.InputError, r'gone\.tif does not exist', [bad], tmp_path / 'out'
    )


def test_truncated_height_of_the_second_scene(tmp_path, scene):
  place = _place((16, 40), west=600000)
  path = tmp_path / 'hb.tif'
  other = _scene(_image(tmp_path / 'b.tif', place), _height(path, place))
  path.write_bytes(path.read_bytes()[:-500])
  _refused(
    errors.InputError,
    r'hb\.tif cannot be read',
    [scene, other],
    tmp_path / 'out',
  )


def test_scene_smaller_than_a_tile(tmp_path, scene):
  _refused(
    errors.InputError,
    r'a\.tif is 40 x 16 pixels.* --tile_px of 16 or less',
    [scene],
    tmp_path / 'out',
    tile_px=17,
  )


def test_area_too_narrow_for_a_tile(tmp_path, scene):
  _refused(
    errors.InputError,
    'No tile of 8 pixels lies inside the test area east:10%',
    [scene],
    tmp_path / 'out',
    test_area='east:10%',
  )
  _refused(
    errors.InputError,
    'No tile of 8 pixels lies outside the test area east:90%',
    [scene],
    tmp_path / 'out',
    test_area='east:90%',
  )


def test_unwritable_output(tmp_path, scene):
  (tmp_path / 'file').write_text('here')
  with pytest.raises(errors.OutputError, match='Cannot write'):
    _prepare([scene], tmp_path / 'file' / 'out')
  assert (tmp_path / 'file').read_text() == 'here'


def test_sets_are_not_replaced_unasked(tmp_path, scene):
  output = tmp_path / 'out'
  _prepare([scene], output)
  before = _tiles(output, 'train')
  with pytest.raises(errors.OutputError, match=r'holds files already.*--overw'):
    _prepare([scene], output, tile_px=4)
  assert _tiles(output, 'train') == before
  (output / 'mine.txt').write_text('kept')
  _prepare([scene], output, tile_px=4, stride_px=4, overwrite=True)
  assert len(_tiles(output, 'train')) > len(before)
  assert (output / 'mine.txt').read_text() == 'kept'


def test_a_failed_overwrite_keeps_what_was_there(tmp_path, scene):
  output = tmp_path / 'out'
  _prepare([scene], output)
  before = _tiles(output, 'train')
  bad = dataclasses.replace(scene, height=str(tmp_path / 'gone.tif'))
  with pytest.raises(errors.InputError):
    _prepare([bad], output, overwrite=True)
  assert _tiles(output, 'train') == before
  assert len(list(output.iterdir())) == 2


@pytest.mark.parametrize(
  ('name', 'value'),
  [
    ('tile_px', 0),
    ('stride_px', -1),
    ('height_scale', 0.0),
    ('height_scale', float('nan')),
    ('min_known', 1.5),
    ('min_known', -0.1),
    ('fill_pits_m', -1.0),
    ('fill_pits_m', 11.0),
  ],
)
def test_options_out_of_range(name, value):
  with pytest.raises(errors.FlagError, match=f'Invalid --{name}='):
    dataclasses.replace(_OPTIONS, **{name: value})
