import re

import affine
import numpy as np
import PIL.Image
import pytest

from heightnet_tf.geo import reading
from heightnet_tf.inference import notes
from tests import raster_files


@pytest.mark.parametrize(
  ('pixel_m', 'gsd_m', 'sentence'),
  [
    (None, None, 'does not say how large'),
    (None, 0.5, '^$'),
    (None, 1.2, 'pixels of 1.2 m.*expect poor heights'),
    (0.2, None, 'finer detail is lost'),
    (0.2, 0.5, 'finer detail is lost'),
  ],
)
def test_notes_on_the_ground_size(
  tmp_path, make_card, pixel_m, gsd_m, sentence
):
  pixels = np.full((3, 7, 5), 9, np.uint8)
  if pixel_m:
    path = raster_files.write(
      tmp_path / 'scene.tif',
      pixels,
      transform=affine.Affine(pixel_m, 0, 0, 0, -pixel_m, 0),
    )
  else:
    path = tmp_path / 'scene.png'
    PIL.Image.fromarray(np.moveaxis(pixels, 0, -1)).save(path)
  told = notes.of_size(
    reading.read_place(path), make_card(), scale=None, gsd_m=gsd_m
  )
  assert re.search(sentence, ' '.join(told))
