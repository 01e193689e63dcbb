r"""Predicts the heights of an image without TensorFlow.

  python predict.py --model=height_int8_256.tflite --input=scene.tif \
    --output=heights.tif

Needs ai-edge-litert, numpy and Pillow alone; see README.md.
"""

import argparse
import os
import sys

import models
import pictures
import scenes

_ENDINGS = ('.npy', '.tif', '.tiff')


def _arguments():
  parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
  )
  add = parser.add_argument
  add('--model', required=True, help='A .tflite file of export_main.py.')
  add('--input', required=True, help='PNG, JPEG or TIFF of 8 bits.')
  add('--output', required=True, help='.npy or .tif: float32 metres.')
  add('--gsd_m', type=float, help='Ground size of a pixel, metres.')
  add('--window_px', type=int, default=512, help='For models of any size.')
  add('--overlap_px', type=int, default=64, help='Overlap of windows.')
  add('--threads', type=int, default=os.cpu_count(), help='Processors used.')
  add('--spread', help='Where spread_m goes, too: .npy or .tif.')
  return parser.parse_args()


def main():
  """Reads, predicts, writes; a mistake is one sentence and exit code 1."""
  wishes = _arguments()
  outputs = [path for path in (wishes.output, wishes.spread) if path]
  try:
    for path in outputs:
      if os.path.splitext(path)[1] not in _ENDINGS:
        raise ValueError(f'{path} does not end in {", ".join(_ENDINGS)}.')
    model = models.Model(wishes.model, threads=wishes.threads)
    if len(outputs) > model.outputs:
      raise ValueError(f'{wishes.model} tells no spread; leave out --spread.')
    image = pictures.read(wishes.input, gsd_m=wishes.gsd_m)
    maps = scenes.predict(
      model, image, window_px=wishes.window_px, overlap_px=wishes.overlap_px
    )
    for k, path in enumerate(outputs):
      pictures.write(path, maps[..., k].copy(), image.tags)
  except (OSError, ValueError) as error:
    sys.exit(f'error: {error}')
  print(f'{wishes.input} -> {", ".join(outputs)}')


if __name__ == '__main__':
  main()
