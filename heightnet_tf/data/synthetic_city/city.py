"""Makes a synthetic city: image, heights, facts."""

import dataclasses

import numpy as np

from heightnet_tf import errors
from heightnet_tf.data.synthetic_city import blocks
from heightnet_tf.data.synthetic_city import canvas as canvases
from heightnet_tf.data.synthetic_city import palettes
from heightnet_tf.data.synthetic_city import photograph
from heightnet_tf.data.synthetic_city import plan
from heightnet_tf.data.synthetic_city import prisms
from heightnet_tf.data.synthetic_city import rivers
from heightnet_tf.data.synthetic_city import sensor as sensors
from heightnet_tf.data.synthetic_city import site as sites
from heightnet_tf.data.synthetic_city import sky as skies
from heightnet_tf.data.synthetic_city import styles
from heightnet_tf.data.synthetic_city import traffic
from heightnet_tf.data.synthetic_city import variety

VERSION = '2.1.0'
_SPLITS = ('train', 'validation', 'test', 'scene')
_MARGIN_M = 16.0
_RIVERS = 0.07


@dataclasses.dataclass(frozen=True, eq=False)
class City:
  """A made scene.

  Attributes:
    image: uint8 [H, W, 3].
    height_m: float32 [H, W], metres above ground of the surface that the
      pixel shows. In a leaning view it is displaced with the image: a facade
      pixel holds the height at which the wall is seen. Water is ground: 0.
    metadata: what was drawn, as plain numbers and strings: seed, gsd_m,
      region, climate, season, styles, sun, view, sensor, counts.
  """

  image: np.ndarray
  height_m: np.ndarray
  metadata: dict


def seed_of(seed, split, index):
  """Seed of one scene of a data set; no two splits share one.

  Args:
    seed: of the data set.
    split: 'train', 'validation', 'test' or 'scene'.
    index: of the scene within its split, below 10**8.

  Returns:
    int to give to `make`.
  """
  return (seed * len(_SPLITS) + _SPLITS.index(split)) * 10**8 + index


def make(seed, *, size_px, gsd_m, style, without, layout=None):
  """Makes a scene.

  Args:
    seed: int >= 0; the same arguments give the same scene.
    size_px: height and width.
    gsd_m: ground size of one pixel, metres.
    style: name in styles.STYLES for the whole scene, or styles.WORLD for
      what lies together in some region of the world.
    without: names of `variety` that are left out.
    layout: tuple of layouts.Footprint whose buildings are raised instead of
      made-up ones, or None.

  Returns:
    The City.

  Raises:
    errors.InputError: an unknown style, or an unknown part to leave out.
  """
  parts = variety.parts_without(without)
  layout_rng, look_rng, sky_rng, sensor_rng = np.random.default_rng(seed).spawn(
    4
  )
  margin_px = round(_MARGIN_M / gsd_m)
  region, shares = _shares(layout_rng, style, parts)
  frame = _frame(layout_rng, size_px + 2 * margin_px, gsd_m, parts)
  colours, palette = palettes.choose(layout_rng, parts)
  site = sites.Site(layout_rng, canvases.Canvas(frame), palette, parts)
  built = _build(site, shares, layout)
  sky = skies.choose(sky_rng, parts)
  sensor = sensors.choose(sensor_rng, parts)
  image, height_m = photograph.take(look_rng, site, sky, sensor, margin_px)
  metadata = {
    'seed': int(seed),
    'gsd_m': float(gsd_m),
    'region': region,
    **colours,
    'styles': built,
    'buildings': len(site.buildings),
    'trees': len(site.trees),
    'stands': len(site.stands),
    **dataclasses.asdict(sky),
    **dataclasses.asdict(sensor),
  }
  return City(image, height_m, metadata)


def draw_gsd_m(seed, low_m, high_m):
  """Draws the ground size of a scene's pixels: every doubling is as likely.

  Args:
    seed: of the scene.
    low_m: smallest, metres.
    high_m: largest, metres.

  Returns:
    float, metres, whole centimetres.
  """
  share = np.random.default_rng([seed, 1]).random()
  return round(float(low_m * (high_m / low_m) ** share), 2)


def _shares(rng, style, parts):
  """Region and how often each style comes there."""
  chance = np.array([share for share, _ in styles.REGIONS.values()])
  region = str(rng.choice(list(styles.REGIONS), p=chance / chance.sum()))
  if style != styles.WORLD:
    if style not in styles.STYLES:
      raise errors.InputError(
        f'Unknown city style {style!r}. Expected {styles.WORLD} or one of '
        f'{", ".join(styles.STYLES)}.'
      )
    return style, {style: 1.0}
  found = {k: v for k, v in styles.REGIONS[region][1].items() if k in parts}
  return region, found or dict.fromkeys(sorted(parts & set(styles.STYLES)), 1)


def _frame(rng, side_px, gsd_m, parts):
  bend_m = float(rng.uniform(0, 11) * (rng.random() < 0.7))
  return canvases.Frame(
    side_px=side_px,
    gsd_m=gsd_m,
    bend_m=bend_m if 'curves' in parts else 0.0,
    bend_length_m=float(rng.uniform(220, 520)),
    phase=tuple(rng.uniform(0, 2 * np.pi, 2)),
  )


def _build(site, shares, layout):
  if layout is not None:
    prisms.build(site, layout)
    return ['layout']
  frame = site.canvas.frame
  blocks_, streets = plan.lay_out(site.rng, frame.half_m, shares)
  corner = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * frame.half_m * 2
  tone = palettes.vary(site.rng, site.palette.asphalt, 0.05)
  site.canvas.solid(corner, tone, canvases.ROAD)
  for each in streets:
    traffic.street(site, each)
  near = [each for each in blocks_ if _in_sight(frame, each.outline)]
  for each in near:
    blocks.fill(site, each)
  if site.rng.random() < _RIVERS and 'water' in site.parts:
    rivers.run_through(site, streets)
  return sorted({each.style for each in near})


def _in_sight(frame, outline):
  reach_m = frame.half_m + frame.bend_m + 12
  low, high = outline.min(0), outline.max(0)
  return bool((low < reach_m).all() and (high > -reach_m).all())
