"""The model that comes with the package: what `--model` is if none is given."""

import pathlib

FOLDER = pathlib.Path(__file__).parent / 'models'
NAME = 'height.keras'
MODEL = str(FOLDER / NAME)
