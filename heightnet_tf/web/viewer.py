"""The viewer page, as `make page` builds it into this package."""

import pathlib

import fastapi
from fastapi import responses
from fastapi import staticfiles

from heightnet_tf import errors
from heightnet_tf import model_card

PAGE = pathlib.Path(__file__).parent / 'page'
# Where the page looks for the model that it runs itself.
MODEL = '/model/height.tflite'
# Of the stem of the model that is served; the bundled one comes in float16.
_ENDINGS = ('', '_float16')
_NO_PAGE = (
  'The viewer page is not built: run "make page" to build it. Predictions work '
  'without it.\n'
)
_NO_MODEL = (
  'There is no .tflite beside the model that is served: start serve_main.py '
  'with --page_model=FILE.tflite.\n'
)
# What a browser asks for before it gives a page threads.
ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
}


class _Files(staticfiles.StaticFiles):
  async def get_response(self, path, scope):
    response = await super().get_response(path, scope)
    response.headers.update(ISOLATED)
    return response


def page_model(model: str, given: str | None) -> pathlib.Path | None:
  """Finds the model that the page is to run.

  Args:
    model: path of the model that is served.
    given: what a person chose for the page; empty: the `.tflite` beside
      `model`, of the same name, or with `_float16` after it.

  Returns:
    The file; None if nothing was given and there is none.

  Raises:
    errors.ModelFileError: what was given is no `.tflite` of this project.
  """
  if given:
    path = pathlib.Path(given)
    if path.suffix.lower() != '.tflite':
      raise errors.ModelFileError(
        f'The page cannot run {path}. Expected a .tflite file, such as '
        'height_float16.tflite of export_main.py.'
      )
  else:
    path = pathlib.Path(model).resolve()
    beside = [
      path.with_name(f'{path.stem}{ending}.tflite') for ending in _ENDINGS
    ]
    path = next((path for path in beside if path.is_file()), None)
    if path is None:
      return None
  model_card.read(path)
  return path


def add(app: fastapi.FastAPI, model: pathlib.Path | None) -> None:
  """Shows the page at /, or how to build it; to be added after other routes.

  Args:
    app: the server.
    model: from `page_model`.
  """

  def model_file():
    if model is None:
      return responses.PlainTextResponse(_NO_MODEL, 404)
    return responses.FileResponse(model, headers=ISOLATED)

  app.get(MODEL)(model_file)
  if PAGE.is_dir():
    app.mount('/', _Files(directory=PAGE, html=True))
  else:
    app.get('/')(lambda: responses.PlainTextResponse(_NO_PAGE))
