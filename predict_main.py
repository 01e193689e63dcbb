"""Predicts heights above ground for images and whole scenes.

Example:
  python predict_main.py --input=scene.tif --output=heights.tif --viz

Killed and started again with the same command, it goes on where it was.
"""

from absl import flags

from heightnet_tf import bundled
from heightnet_tf import command
from heightnet_tf.buildings import products
from heightnet_tf.geo import looks
from heightnet_tf.heights import objects
from heightnet_tf.inference import averaging
from heightnet_tf.inference import jobs
from heightnet_tf.inference import running
from heightnet_tf.inference import scenes

_MODEL = flags.DEFINE_multi_string(
  'model',
  [bundled.QUICK_MODEL],
  'A .keras or .tflite file, a SavedModel folder, or the address of a served '
  'model: grpc://HOST:PORT/heightnet or http://HOST:PORT/heightnet. Several '
  'are averaged. Default: the model that comes with the package, in int8, the '
  'quickest on a CPU; on a GPU take heightnet_tf/models/height.keras.',
  short_name='m',
)
_INPUT = flags.DEFINE_multi_string(
  'input',
  [],
  'An image, folder, glob or address (https, s3, /vsi... of GDAL); may be '
  'repeated. File names without a flag count too.',
  short_name='i',
)
_OUTPUT = flags.DEFINE_multi_string(
  'output',
  [],
  'Where to write: a .tif (float32 metres, georeferenced), .npy, .png or .jpg '
  '(coloured, with a legend), or a folder; one folder, or one file per input. '
  'Default: NAME_height.tif beside each image.',
  short_name='o',
)
_VIZ = flags.DEFINE_bool(
  'viz', False, 'Also write image, heights and contours as NAME_viz.png.'
)
_NO_SAVE = flags.DEFINE_bool(
  'no_save', False, 'Write no heights and no mask.', short_name='n'
)
_MASK_THRESHOLD = flags.DEFINE_float(
  'mask_threshold',
  None,
  'Also write NAME_mask: 1 where taller than this many metres, 0 where not, '
  '255 where unknown. GeoTIFF beside a GeoTIFF, else PNG.',
  short_name='t',
)
_SCALE = flags.DEFINE_float(
  'scale',
  None,
  'Factor on the image size before the model sees it. Default: from the ground '
  'sizes of image and model, or as in training.',
  lower_bound=0.01,
  short_name='s',
)
_WINDOW_PX = flags.DEFINE_integer(
  'window_px', 512, 'Side of the windows of a scene.', lower_bound=1
)
_OVERLAP_PX = flags.DEFINE_integer(
  'overlap_px', 64, 'Overlap of windows.', lower_bound=0
)
_BATCH_SIZE = flags.DEFINE_integer(
  'batch_size', 2, 'Most windows predicted at once.', lower_bound=1
)
_TTA = flags.DEFINE_bool(
  'tta',
  False,
  'Average over eight flips and turns: better, eight times slower.',
)
_DISAGREEMENT = flags.DEFINE_bool(
  'disagreement',
  False,
  'With --tta or several --model: add a band disagreement_m, the standard '
  'deviation of the predictions.',
)
_GSD_M = flags.DEFINE_float(
  'gsd_m',
  None,
  'Ground size of a pixel, metres, for images without a georeference.',
  lower_bound=1e-3,
)
_BANDS = flags.DEFINE_list(
  'bands',
  None,
  'Bands of the images that are red, green and blue, from 1, such as 3,2,1. '
  'Default: as the file says, or its first ones.',
)
_IMAGE_NODATA = flags.DEFINE_float(
  'image_nodata',
  None,
  'Value of the images that means not measured where red, green and blue all '
  'have it, such as 0 for a black rim; besides what the files say.',
)
_FOOTPRINTS = flags.DEFINE_string(
  'footprints',
  None,
  'Also give these polygons their heights: .geojson, .gpkg or .shp.',
)
_FOOTPRINTS_OUTPUT = flags.DEFINE_string(
  'footprints_output',
  None,
  'Where they go with their heights: .gpkg or .geojson. Default: beside the '
  'heights as NAME_footprints.gpkg.',
)
_OBJECTS = flags.DEFINE_string(
  'objects',
  None,
  'Also write outlines of what stands above --mask_threshold (2.5 m if not '
  'given), trees too: .gpkg or .geojson.',
)
_CITY_JSON = flags.DEFINE_string(
  'city_json',
  None,
  'Also write blocks of the footprints or, without them, of the objects: '
  'CityJSON 2.0, LoD1, ground at 0.',
)
_LEAST_AREA_M2 = flags.DEFINE_float(
  'least_area_m2',
  objects.OBJECT_AREA_M2,
  'Smaller objects are dropped, smaller holes in them filled.',
  lower_bound=0.0,
)
flags.DEFINE_alias('no-save', 'no_save')
flags.DEFINE_alias('mask-threshold', 'mask_threshold')


def _building_wishes():
  return products.Wishes(
    footprints=_FOOTPRINTS.value,
    footprints_output=_FOOTPRINTS_OUTPUT.value,
    objects=_OBJECTS.value,
    city_json=_CITY_JSON.value,
    threshold_m=_MASK_THRESHOLD.value,
    least_area_m2=_LEAST_AREA_M2.value,
  )


def main(argv):
  """Plans, checks that all can be written, then predicts image by image."""
  command.require('model')
  wishes = jobs.Wishes(
    height=not _NO_SAVE.value,
    viz=_VIZ.value,
    mask=_MASK_THRESHOLD.value is not None,
  )
  work = jobs.plan([*_INPUT.value, *argv[1:]], _OUTPUT.value, wishes)
  buildings = products.plan(_building_wishes())
  products.check_scenes(
    buildings, [job.image for job in work], [job.height for job in work]
  )
  models = command.as_list(_MODEL.value)
  predictor = averaging.open_averaged(
    models, tta=_TTA.value, disagreement=_DISAGREEMENT.value
  )
  options = running.Options(
    scene=scenes.SceneOptions(
      window_px=_WINDOW_PX.value,
      overlap_px=_OVERLAP_PX.value,
      batch_size=_BATCH_SIZE.value,
      scale=_SCALE.value,
    ),
    gsd_m=_GSD_M.value,
    bands=looks.parse_bands(_BANDS.value),
    nodata=_IMAGE_NODATA.value,
    mask_threshold_m=_MASK_THRESHOLD.value,
    models=tuple(running.digest_of(model) for model in models),
    tta=_TTA.value,
  )
  unreadable = {}
  for job in work:
    unreadable[job.image] = running.run(job, predictor, options)
    print(f'{job.image} -> {", ".join(map(str, job.outputs))}')
    for sentence in products.write(buildings, job.geotiff):
      print(sentence)
  running.require_whole(unreadable)


if __name__ == '__main__':
  command.run(main)
