import dataclasses
import functools

from ai_edge_litert import interpreter as runtime
from ai_edge_litert import schema_py_generated as schema
import keras
import numpy as np
import pytest

from heightnet_tf import model_card
from heightnet_tf.export import litert
from heightnet_tf.inference import backends
from heightnet_tf.nets import heads
from heightnet_tf.nets import networks


@pytest.fixture(scope='module')
def tiles():
  shape = (3, 32, 32, 3)
  return np.random.default_rng(0).integers(10, 200, shape).astype(np.float32)


@pytest.fixture(scope='module')
def contents(model, tiles):
  return litert.convert(model, tiles)


def _run(interpreter, image):
  interpreter.allocate_tensors()
  source = interpreter.get_input_details()[0]
  target = interpreter.get_output_details()[0]
  if source['dtype'] == np.int8:
    image = (image - 128).astype(np.int8)
  interpreter.set_tensor(source['index'], image)
  interpreter.invoke()
  output = interpreter.get_tensor(target['index'])
  if target['dtype'] != np.int8:
    return output
  scale, zero = target['quantization']
  return (output.astype(np.float32) - zero) * scale


def _kinds(content, wanted):
  model = schema.ModelT.InitFromPackedBuf(content, 0)
  graph = model.subgraphs[0]
  return [
    graph.tensors[operator.outputs[0]].type
    for operator in graph.operators
    if model.operatorCodes[operator.opcodeIndex].builtinCode == wanted
  ]


def test_every_variant_runs_with_its_card_attached(
  contents, model, card, tiles, tmp_path
):
  truth_m = np.array(model(tiles[:1]))
  spread_m = truth_m.std()
  allowed = {
    litert.FLOAT32: 1e-5,
    litert.FLOAT16: 0.01,
    litert.DYNAMIC: 0.1,
    litert.INT8: 0.1,
    litert.INT8_IO: 0.2,
  }
  assert tuple(contents) == litert.NAMES
  for name, content in contents.items():
    path = tmp_path / name
    path.write_bytes(content)
    model_card.attach(card, path)
    interpreter = runtime.Interpreter(model_path=str(path))
    difference_m = np.abs(_run(interpreter, tiles[:1]) - truth_m).mean()
    assert difference_m < allowed[name] * spread_m, name
    assert model_card.read(path) == card
    assert interpreter.get_signature_list() == {
      'serving_default': {'inputs': ['image'], 'outputs': ['height_m']}
    }


def test_ends_of_int8_are_float_and_the_middle_is_not(contents):
  kinds = _kinds(contents[litert.INT8], schema.BuiltinOperator.CONV_2D)

  ends = [kinds[0], *kinds[-2:]]
  assert ends == [schema.TensorType.FLOAT32] * 3
  assert set(kinds[1:-2]) == {schema.TensorType.INT8}


def test_the_integer_variant_is_integer_and_a_grey_level_is_one_step(contents):
  content = contents[litert.INT8_IO]
  kinds = _kinds(content, schema.BuiltinOperator.CONV_2D)
  details = runtime.Interpreter(model_content=content).get_input_details()[0]

  assert set(kinds) == {schema.TensorType.INT8}
  assert details['quantization'] == (pytest.approx(1.0), -128)


def test_names_of_end_tensors_are_those_of_the_first_and_last(contents):
  ends = litert.end_tensors(contents[litert.FLOAT32], float_last=1)

  # Scale, offset and first convolution; the last two convolutions.
  assert len(ends) == 5
  assert 'down0a' in ends[2]
  assert 'up0b' in ends[3]


def test_both_outputs_are_in_every_variant(card, tiles, tmp_path):
  keras.utils.set_random_seed(0)
  arguments = card.network['arguments'] | {'uncertainty': True, 'depth': 1}
  both = networks.build({'name': 'unet', 'arguments': arguments})
  kernel, bias = both.get_layer('spread_conv').get_weights()
  random = np.random.default_rng(0)
  both.get_layer('spread_conv').set_weights(
    [random.normal(0, 0.5, kernel.shape), bias]
  )
  heads.scale_spread(both, 3.0)
  card = dataclasses.replace(card, outputs=('height_m', 'spread_m'))
  truth_m = np.concatenate([np.array(part) for part in both(tiles[:1])], -1)
  for name, content in litert.convert(both, tiles).items():
    path = tmp_path / name
    path.write_bytes(content)
    model_card.attach(card, path)
    predicted_m = backends.open_predictor(path)(tiles[:1])
    exact = name in (litert.FLOAT32, litert.FLOAT16)
    for k in range(2):
      np.testing.assert_allclose(
        predicted_m[..., k],
        truth_m[..., k],
        atol=(0.02 if exact else 0.5) * truth_m[..., k].std(),
        err_msg=f'{name} {card.outputs[k]}',
      )


def test_names_tell_sizes():
  assert litert.named(litert.INT8, None) == 'height_int8.tflite'
  assert litert.named(litert.INT8, 512) == 'height_int8_512.tflite'
  assert litert.named(litert.INT8_IO, 0) == 'height_int8_io_any.tflite'


def test_resizable_files_take_every_multiple_of_the_stride(model, tiles, card):
  ways = litert.attempts(model, tiles, resizable=True)
  image = np.random.default_rng(1).integers(0, 256, (1, 40, 68, 3), np.uint8)
  truth_m = np.array(model(image.astype(np.float32)))
  for name, allowed in ((litert.FLOAT32, 1e-5), (litert.INT8_IO, 0.3)):
    content = ways[name][0].make()
    predictor = backends.LiteRtPredictor(
      functools.partial(runtime.Interpreter, model_content=content), card
    )
    assert predictor.fixed_px is None
    difference_m = np.abs(predictor(image) - truth_m).mean()
    assert difference_m < allowed * truth_m.std(), name


def test_weights_of_int8_are_quantised_per_channel(contents):
  graph = schema.ModelT.InitFromPackedBuf(contents[litert.INT8], 0).subgraphs[0]
  scales = [
    len(tensor.quantization.scale)
    for tensor in graph.tensors
    if tensor.type == schema.TensorType.INT8 and 'bottoma' in str(tensor.name)
  ]
  assert max(scales) == 32
