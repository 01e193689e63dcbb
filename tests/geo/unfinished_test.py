import collections
import contextlib
import resource

import affine
import numpy as np
import pytest
import rasterio
import rasterio.crs

from heightnet_tf import errors
from heightnet_tf.geo import halving
from heightnet_tf.geo import opening
from heightnet_tf.geo import raster
from heightnet_tf.geo import unfinished
from heightnet_tf.geo import writing

SHAPE = (600, 700)
NAMES = ('height_m', 'spread_m')


@pytest.fixture
def place():
  return raster.Raster(
    pixels=np.zeros((*SHAPE, 1), np.uint8),
    crs=rasterio.crs.CRS.from_epsg(32610),
    transform=affine.Affine(0.5, 0.1, 500000, 0.1, -0.5, 4200000),
    known=np.ones(SHAPE, bool),
    bands=('nothing',),
    path='scene.tif',
  )


@pytest.fixture
def work(tmp_path, place):
  return unfinished.Unfinished(tmp_path / 'out.tif', place, NAMES)


@pytest.fixture
def values():
  values = np.random.default_rng(0).normal(9, 3, (*SHAPE, 2)).astype(np.float32)
  values[10:40, 20:80] = np.nan
  return halving.rounded(values, 1024)


def _write_missing(work, values, unreadable=0):
  for first, stop in work.missing(256):
    for row in range(first, stop, 256):
      work.write(row, values[row : min(row + 256, stop)], unreadable)


def _finish(work, values, unreadable=0):
  with work.claimed({'a': 1}):
    _write_missing(work, values, unreadable)
    return work.finish({'SCALE': '2'})


def test_rows_become_a_cloud_optimized_geotiff(work, place, values):
  assert _finish(work, values) == 0
  with rasterio.open(work.path) as dataset:
    np.testing.assert_array_equal(np.moveaxis(dataset.read(), 0, -1), values)
    assert dataset.tags(ns='IMAGE_STRUCTURE')['LAYOUT'] == 'COG'
    assert dataset.tags(ns='IMAGE_STRUCTURE')['PREDICTOR'] == '3'
    assert dataset.tags()['SCALE'] == '2'
    assert dataset.overviews(1) == [2]
    assert dataset.descriptions == NAMES
    assert dataset.units == ('m', 'm')
    assert np.isnan(dataset.nodata)
    assert (dataset.crs, dataset.transform) == (place.crs, place.transform)
  assert [path.name for path in work.path.parent.iterdir()] == ['out.tif']


def test_without_a_place_none_is_written(tmp_path, place, values):
  bare = raster.Raster(
    pixels=place.pixels,
    crs=None,
    transform=None,
    known=place.known,
    bands=place.bands,
    path='scene.png',
  )
  work = unfinished.Unfinished(tmp_path / 'out.tif', bare, NAMES)
  _finish(work, values)
  with opening.open_quietly(work.path) as dataset:
    assert dataset.crs is None
    assert dataset.transform == affine.Affine.identity()


def test_finished_rows_are_kept(work, values):
  with work.claimed({'a': 1}):
    work.write(256, values[256:512], 3)
  with work.claimed({'a': 1}):
    assert work.missing(256) == [(0, 256), (512, 600)]
    _write_missing(work, values)
    assert work.missing(256) == []
    assert work.finish({}) == 3
  with rasterio.open(work.path) as dataset:
    assert dataset.tags()['UNREADABLE_PIXELS'] == '3'


def test_rows_of_another_origin_are_not(work, values, capsys):
  with work.claimed({'a': 1}):
    work.write(0, values[:256], 0)
  with work.claimed({'a': 2}):
    assert work.missing(256) == [(0, 600)]
  assert 'out.tif was begun from another image' in capsys.readouterr().err


def test_it_is_the_same_file_in_whatever_order(work, values):
  _finish(work, values)
  before = work.path.read_bytes()
  with work.claimed({'a': 1}):
    work.write(512, values[512:], 0)
    _write_missing(work, values)
    work.finish({'SCALE': '2'})
  assert work.path.read_bytes() == before


def test_two_cannot_write_one_file(work, place, values):
  other = unfinished.Unfinished(work.path, place, NAMES)
  with (
    work.claimed({'a': 1}),
    pytest.raises(errors.OutputError, match='Another process is writing'),
    other.claimed({'a': 1}),
  ):
    pass
  with (
    work.claimed({'a': 1}, alone=False),
    other.claimed({'a': 1}, alone=False),
  ):
    other.write(0, values[:256], 0)
  with (
    pytest.raises(errors.OutputError, match='made from another image'),
    other.claimed({'a': 2}, alone=False),
  ):
    pass
  assert other.missing(256) == [(256, 600)]


def test_a_failure_before_the_first_row_leaves_nothing(work):
  with pytest.raises(ValueError, match='broken'), work.claimed({}):
    raise ValueError('broken')
  assert not list(work.path.parent.iterdir())


def test_what_cannot_be_read_leaves_nothing(work, values):
  with pytest.raises(errors.InputError), work.claimed({}):
    work.write(0, values[:256], 0)
    raise errors.InputError('scene.tif changed')
  assert not list(work.path.parent.iterdir())


def test_a_scene_that_knows_nothing_is_refused(work, values):
  with pytest.raises(errors.InputError, match=r'scene\.tif knows no pixel'):
    _finish(work, np.full_like(values, np.nan))
  assert not list(work.path.parent.iterdir())


@contextlib.contextmanager
def _full_disk(limit):
  """Lets no file of this process grow; around the write alone."""
  before = resource.getrlimit(resource.RLIMIT_FSIZE)
  resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
  try:
    yield
  finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_noticed_and_what_is_done_is_kept(work, values):
  with work.claimed({'a': 1}):
    _write_missing(work, values)
    with (
      pytest.raises(errors.OutputError, match='Cannot write'),
      _full_disk(100_000),
    ):
      work.finish({})
    assert not work.path.exists()
  _finish(work, values)
  assert work.path.exists()


def test_values_come_in_steps_of_a_millimetre(work, values):
  with work.claimed({'a': 1}):
    _write_missing(work, values + np.float32(1 / 4096))
    work.finish({})
  with rasterio.open(work.path) as dataset:
    np.testing.assert_array_equal(dataset.read(1), values[..., 0])


def test_rows_of_wide_scenes_wait_in_blocks(work, values, monkeypatch):
  monkeypatch.setattr(halving, '_WIDEST_STRIP_PX', SHAPE[1] - 1)
  with work.claimed({'a': 1}):
    _write_missing(work, values)
    path = next(work.folder.glob('rows_*.tif'))
    with opening.open_quietly(path) as rows:
      assert rows.block_shapes[0] == (halving.BLOCK_ROWS, 1024)
    work.finish({})
  with rasterio.open(work.path) as dataset:
    np.testing.assert_array_equal(np.moveaxis(dataset.read(), 0, -1), values)


def _leave(monkeypatch, free_bytes):
  """Pretends that so much of the disk is free, and every file large."""
  usage = collections.namedtuple('usage', 'free')(free_bytes)
  monkeypatch.setattr(writing.shutil, 'disk_usage', lambda folder: usage)
  monkeypatch.setattr(writing, '_IN_MEMORY_BYTES', 0)


def test_large_files_want_room_first(work, values, monkeypatch):
  with monkeypatch.context() as patch:
    _leave(patch, 100_000)
    with pytest.raises(errors.OutputError, match=r'0\.0 GB are free'):
      _finish(work, values)
  _leave(monkeypatch, 10_000_000)
  _finish(work, values)
  with rasterio.open(work.path) as dataset:
    np.testing.assert_array_equal(dataset.read(1), values[..., 0])


def test_heights_that_pack_well_want_less_room(work, values, monkeypatch):
  _leave(monkeypatch, values.nbytes // 2)
  with pytest.raises(errors.OutputError, match='are free'):
    _finish(work, values)
  work.discard()
  _finish(work, np.ones_like(values))
  assert work.path.stat().st_size < values.nbytes // 10
