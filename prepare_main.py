r"""Cuts scenes and their heights into training and test tiles.

python prepare_main.py --image=scene.tif --height=ndsm.tif --output=data
python prepare_main.py --image=a.tif --image=b.tif --dsm=a_dsm.tif \
  --dsm=b_dsm.tif --dtm=a_dtm.tif --dtm=b_dtm.tif --test_area=test.geojson
"""

import dataclasses
import sys

from absl import flags

from heightnet_tf import command
from heightnet_tf import files
from heightnet_tf.data import preparing
from heightnet_tf.data import scene_files

_IMAGE = flags.DEFINE_multi_string(
  'image', [], 'Image of a scene. Repeat for more scenes.'
)
_HEIGHT = flags.DEFINE_multi_string(
  'height', [], 'Heights above ground, one file per --image.'
)
_DSM = flags.DEFINE_multi_string(
  'dsm', [], 'Surface model per --image, instead of --height.'
)
_DTM = flags.DEFINE_multi_string(
  'dtm', [], 'Terrain model per --image, subtracted from --dsm.'
)
_OUTPUT = flags.DEFINE_string(
  'output', 'data', 'Folder that gets train_dataset and test_dataset.'
)
_OVERWRITE = flags.DEFINE_bool(
  'overwrite', False, 'Replace the sets that --output holds already.'
)
_TILE_PX = flags.DEFINE_integer('tile_px', 512, 'Side of a tile, pixels.')
_STRIDE_PX = flags.DEFINE_integer(
  'stride_px',
  None,
  'Distance between training tiles, pixels; --tile_px if not given. Test tiles '
  'never overlap.',
)
_MIN_KNOWN = flags.DEFINE_float(
  'min_known', 0.5, 'Least share of known heights in a tile, 0 to 1.'
)
_TEST_AREA = flags.DEFINE_string(
  'test_area',
  'east:25%',
  'Where test tiles come from: north, east, south or west and a share of each '
  'scene, or a GeoJSON file with polygons.',
)
_HEIGHT_SCALE = flags.DEFINE_float(
  'height_scale', 1.0, 'Metres per unit of the heights: 0.01 for centimetres.'
)
_HEIGHT_NODATA = flags.DEFINE_float(
  'height_nodata', None, 'A height that means unknown, besides the file tag.'
)
_FILL_PITS_M = flags.DEFINE_float(
  'fill_pits_m',
  0.0,
  'Radius within which pits in tree crowns are filled, metres; about three '
  'pixels suit sparse lidar of leafless trees. For training heights alone: '
  'what is scored stays as it was measured. Buildings and unknown heights '
  'stay, too.',
)
_JSON = flags.DEFINE_string('json', None, 'Write the summary to this file too.')


def main(argv):
  """Prepares the sets and sums up what they hold."""
  command.reject_leftovers(argv)
  command.require('image', 'output')
  scenes = scene_files.list_scenes(
    _IMAGE.value, _HEIGHT.value, _DSM.value, _DTM.value
  )
  options = preparing.Options(
    tile_px=_TILE_PX.value,
    stride_px=_TILE_PX.value if _STRIDE_PX.value is None else _STRIDE_PX.value,
    min_known=_MIN_KNOWN.value,
    test_area=_TEST_AREA.value,
    height_scale=_HEIGHT_SCALE.value,
    height_nodata=_HEIGHT_NODATA.value,
    fill_pits_m=_FILL_PITS_M.value,
  )
  summary = preparing.prepare(
    scenes, _OUTPUT.value, options, overwrite=_OVERWRITE.value
  )
  for warning in summary.warnings:
    print(f'warning: {warning}', file=sys.stderr)
  print(summary.table())
  if _JSON.value:
    files.write_json(_JSON.value, dataclasses.asdict(summary))


if __name__ == '__main__':
  command.run(main)
