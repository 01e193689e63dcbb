"""The model that comes with the package: what `--model` is if none is given."""

import pathlib

FOLDER = pathlib.Path(__file__).parent / 'models'
NAME = 'height.keras'
MODEL = str(FOLDER / NAME)
# The same in int8: on a CPU it predicts several times faster, and starts
# without TensorFlow.
QUICK_MODEL = str(FOLDER / 'height_int8.tflite')
