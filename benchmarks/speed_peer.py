"""The peer of benchmarks/speed.py in PyTorch, run in its own environment.

The same networks as ours, channels-last, with the seed's loss, clipping and
Adam; the format of numbers and `torch.compile` are whatever is fastest.
"""

import math

import numpy as np
import speed_loop
import speed_peer_networks
import torch
from torch.nn import functional

# A format that is slower than this, eager, is not compiled as well.
_HOPELESS = 1.3
_TRIED = (('float32', False), ('bfloat16', False))


def build(network, base, threads):
  """A network in channels-last, and the number of its trained parameters."""
  torch.set_num_threads(threads)
  torch.manual_seed(0)
  model = speed_peer_networks.NETWORKS[network](base).to(
    memory_format=torch.channels_last
  )
  return model, sum(part.numel() for part in model.parameters())


def pixels(batch, tile):
  """Random images, [batch, 3, tile, tile] in channels-last."""
  image = 255 * torch.rand(batch, 3, tile, tile)
  return image.contiguous(memory_format=torch.channels_last)


def fastest(make):
  """Finds the fastest way to run something.

  Args:
    make: function of a number format and whether to compile, to a function
      that runs once.

  Returns:
    The run, and a sentence of how each way did.
  """
  eager, best = {}, math.inf
  for way in _TRIED:
    eager[way] = tried(make(*way), _HOPELESS * best)
    best = min(best, eager[way][1])
  ways = dict(eager)
  for (kind, _), (_, seconds) in eager.items():
    if seconds < _HOPELESS * best:
      ways[kind, True] = tried(make(kind, True), math.inf)
  way = min(ways, key=lambda way: ways[way][1])
  return ways[way][0], {
    'way': f'torch {torch.__version__}, {named(way)}',
    'tried_s': {named(way): round(found[1], 3) for way, found in ways.items()},
  }


def tried(run, enough_s):
  """A run, warmed up, and its seconds; given up where more than enough."""
  first_s = speed_loop.seconds_of(run, 1)
  if first_s > 2 * enough_s:
    return run, first_s
  return run, speed_loop.seconds_of(run, 1)


def named(way):
  """What to call a way."""
  kind, compiled = way
  return f'{kind}, {"compiled" if compiled else "eager"}'


def training(network, base, batch, tile, threads):
  """Training steps as the seed takes them."""
  model, parameters = build(network, base, threads)
  model.train()
  optimizer = torch.optim.Adam(model.parameters(), 1e-4, weight_decay=1e-8)
  image = pixels(batch, tile)
  height, weight = 30 * torch.rand(batch, 1, tile, tile), 1.0

  def make(kind, compiled):
    network = torch.compile(model) if compiled else model
    lower = kind == 'bfloat16'

    def step():
      with torch.autocast('cpu', dtype=torch.bfloat16, enabled=lower):
        predicted = network(image)
      loss = (predicted.float() * weight - height * weight).abs().mean()
      optimizer.zero_grad(set_to_none=True)
      loss.backward()
      torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
      optimizer.step()
      return loss.item()

    return step

  run, facts = fastest(make)
  return run, {'parameters': parameters} | facts


def inference(network, base, batch, tile, threads):
  """Forward passes."""
  model, parameters = build(network, base, threads)
  model.eval()
  image = pixels(batch, tile)
  run, facts = fastest(lambda *way: forward(model, image, *way))
  return run, {'parameters': parameters} | facts


def forward(model, image, kind, compiled):
  """A function that predicts an image."""
  network = torch.compile(model) if compiled else model

  @torch.inference_mode()
  def run():
    with torch.autocast(
      'cpu', dtype=torch.bfloat16, enabled=kind == 'bfloat16'
    ):
      return network(image)

  return run


def onnx(*, network, base, tile, threads, int8, folder):
  """The same network in ONNX Runtime, float32 or static int8."""
  import onnxruntime

  model, parameters = build(network, base, threads)
  image = pixels(1, tile)
  path = f'{folder}/{network}_{base}.onnx'
  torch.onnx.export(
    model.eval(), (image,), path, input_names=['image'], dynamo=False
  )
  if int8:
    path = quantised(path, image.numpy())
  options = onnxruntime.SessionOptions()
  options.intra_op_num_threads = threads
  session = onnxruntime.InferenceSession(
    path, options, providers=['CPUExecutionProvider']
  )
  feed = {'image': np.ascontiguousarray(image.numpy())}
  session.run(None, feed)
  return lambda: session.run(None, feed), {
    'parameters': parameters,
    'way': f'ONNX Runtime {onnxruntime.__version__}',
  }


def quantised(path, image):
  """Quantises an ONNX file to int8, a scale per channel; gives its path."""
  from onnxruntime import quantization

  class Reader(quantization.CalibrationDataReader):
    feeds = iter([{'image': image}])

    def get_next(self):
      return next(self.feeds, None)

  whole, target = path + '.whole', path + '.int8'
  quantization.shape_inference.quant_pre_process(path, whole)
  quantization.quantize_static(whole, target, Reader(), per_channel=True)
  return target


def scene(source, output, base, scale, threads):
  """A scene from file to file as the seed predicts it: whole, at a scale."""
  import rasterio

  model, parameters = build('unet', base, threads)
  model.eval()

  def make(kind, compiled):
    network = torch.compile(model) if compiled else model

    @torch.inference_mode()
    def run():
      with rasterio.open(source) as file:
        image, profile = file.read(), file.profile
      height, width = image.shape[1:]
      image = torch.from_numpy(image)[None].float()
      # The network halves four times, after the image shrank.
      to = math.ceil(16 / scale)
      image = functional.pad(
        image, (0, -width % to, 0, -height % to), mode='reflect'
      )
      whole = image.shape[2:]
      image = functional.interpolate(
        image,
        scale_factor=scale,
        mode='bicubic',
        align_corners=False,
        antialias=True,
      ).clamp(0, 255)
      image = image.contiguous(memory_format=torch.channels_last)
      with torch.autocast(
        'cpu', dtype=torch.bfloat16, enabled=kind == 'bfloat16'
      ):
        found = network(image).float()
      found = functional.interpolate(found, size=whole, mode='bilinear')
      profile.update(
        count=1, dtype='float32', nodata=math.nan, photometric='minisblack'
      )
      with rasterio.open(output, 'w', **profile) as file:
        file.write(found[0, :, :height, :width].numpy())

    return run

  run, facts = fastest(make)
  return run, {'parameters': parameters, 'scale': scale} | facts


JOBS = {
  'training': training,
  'inference': inference,
  'onnx': onnx,
  'scene': scene,
}


if __name__ == '__main__':
  speed_loop.serve(JOBS)
