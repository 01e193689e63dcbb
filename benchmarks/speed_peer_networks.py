"""Our networks in PyTorch, with as many trained parameters."""

import torch
from torch import nn
from torch.nn import functional


def conv(before, after, kernel=3, *, stride=1, groups=1, act=nn.ReLU):
  """Convolution, batch normalisation and, but for `act=None`, a rectifier."""
  layers = [
    nn.Conv2d(
      before,
      after,
      kernel,
      stride,
      padding=kernel // 2,
      groups=groups,
      bias=False,
    ),
    nn.BatchNorm2d(after),
  ]
  if act:
    layers.append(act(inplace=True))
  return nn.Sequential(*layers)


def double_conv(before, after):
  """Two of them."""
  return nn.Sequential(conv(before, after), conv(after, after))


class UNet(nn.Module):
  """The seed's network: as ours with --depth=4."""

  def __init__(self, base):
    super().__init__()
    self.size = [base * 2**k for k in range(5)]
    before = [3, *self.size]
    self.down = nn.ModuleList(
      double_conv(before[k], self.size[k]) for k in range(5)
    )
    self.up = nn.ModuleList(
      nn.ConvTranspose2d(self.size[k + 1], self.size[k], 2, 2) for k in range(4)
    )
    self.join = nn.ModuleList(
      double_conv(2 * self.size[k], self.size[k]) for k in range(4)
    )
    self.head = nn.Conv2d(base, 1, 1)

  def forward(self, image):
    features, skips = image / 64 - 2, []
    for level in range(4):
      features = self.down[level](features)
      skips.append(features)
      features = functional.max_pool2d(features, 2)
    features = self.down[4](features)
    for level in (3, 2, 1, 0):
      both = [skips[level], self.up[level](features)]
      features = self.join[level](torch.cat(both, 1))
    return self.head(features)


class Block(nn.Module):
  """An inverted residual of EfficientNet-Lite."""

  def __init__(self, before, after, kernel, expansion, stride):
    super().__init__()
    wide = before * expansion
    layers = []
    if expansion != 1:
      layers.append(conv(before, wide, 1, act=nn.ReLU6))
    layers.append(
      conv(wide, wide, kernel, stride=stride, groups=wide, act=nn.ReLU6)
    )
    layers.append(conv(wide, after, 1, act=None))
    self.layers = nn.Sequential(*layers)
    self.adds = stride == 1 and before == after

  def forward(self, features):
    made = self.layers(features)
    return features + made if self.adds else made


class LiteUNet(nn.Module):
  """Our default network: a U-Net on EfficientNet-Lite0."""

  # Kernel, repeats, channels, expansion, stride and whether it is a skip.
  stages = (
    (3, 1, 16, 1, 1, True),
    (3, 2, 24, 6, 2, True),
    (5, 2, 40, 6, 2, True),
    (3, 3, 80, 6, 2, False),
    (5, 3, 112, 6, 1, True),
    (5, 4, 192, 6, 2, False),
    (3, 1, 320, 6, 1, True),
  )

  def __init__(self, base):
    super().__init__()
    self.stem = conv(3, 32, stride=2, act=nn.ReLU6)
    self.detail = conv(3, base)
    stages, before, skips = [], 32, [base]
    for kernel, repeats, after, expansion, stride, is_skip in self.stages:
      blocks = []
      for repeat in range(repeats):
        step = stride if repeat == 0 else 1
        blocks.append(Block(before, after, kernel, expansion, step))
        before = after
      stages.append(nn.Sequential(*blocks))
      if is_skip:
        skips.append(after)
    self.encoder = nn.ModuleList(stages)
    before, ups = skips.pop(), []
    for skip, width in zip(reversed(skips), (8, 6, 4, 2, 1), strict=True):
      ups.append(
        nn.Sequential(
          conv(skip + before, width * base), conv(width * base, width * base)
        )
      )
      before = width * base
    self.up = nn.ModuleList(ups)
    self.head = nn.Conv2d(base, 1, 1)

  def forward(self, image):
    skips = [self.detail(image / 64 - 2)]
    features = self.stem(image / 128 - 127 / 128)
    for stage, (*_, is_skip) in zip(self.encoder, self.stages, strict=True):
      features = stage(features)
      if is_skip:
        skips.append(features)
    skips.pop()
    for up in self.up:
      features = functional.interpolate(features, scale_factor=2)
      features = up(torch.cat([skips.pop(), features], 1))
    return self.head(features)


NETWORKS = {'unet': UNet, 'unet_efficientnet_lite0': LiteUNet}
