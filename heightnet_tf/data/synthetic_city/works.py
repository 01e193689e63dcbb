"""Plants and malls: one rambling flat roof of hundreds of metres."""

import dataclasses

import numpy as np

from heightnet_tf.data.synthetic_city import buildings
from heightnet_tf.data.synthetic_city import geometry
from heightnet_tf.data.synthetic_city import palettes
from heightnet_tf.data.synthetic_city import traffic

_FILLED = (0.45, 0.85)
_STRIPS = 0.35


def plant(site, outline, style):
  """A factory grown over decades: abutting halls of several heights, tanks."""
  rng = site.rng
  site.yard(outline)
  _car_park(site, outline)
  bays = _bays(site, outline, rng.uniform((28, 24), (85, 70)))
  if not bays:
    return
  _raise(site, bays, float(np.clip(rng.lognormal(np.log(9), 0.3), 5, 24)))
  _silos(site, bays)
  site.scatter(outline, per_m2=1 / 2500, size=0.9)


def mall(site, outline, style):
  """Shops under one roof amid car parks."""
  rng = site.rng
  full = rng.uniform(0.1, 0.9)
  traffic.parking(site, outline, full=full)
  inner = geometry.inset(outline, rng.uniform(25, 60))
  if len(inner) < 3:
    return
  bays = _bays(site, inner, rng.uniform((35, 35), (75, 60)))
  if bays:
    _raise(site, bays, float(np.clip(rng.lognormal(np.log(9), 0.2), 6, 18)))
  site.scatter(outline, per_m2=1 / 1200, size=0.8)


def _car_park(site, outline):
  """Cars along one side of the outline."""
  rng = site.rng
  if rng.random() < 0.5:
    return
  starts, _, length_m, inward = geometry.edges(outline)
  side = int(rng.integers(len(starts)))
  reach = inward[side] @ starts[side]
  depth_m = min(rng.uniform(20, 70), 0.3 * length_m.max())
  lot = geometry.clip(outline, inward[side], reach + depth_m)
  if len(lot) >= 3:
    traffic.parking(site, lot, full=rng.uniform(0.2, 0.95))


def _bays(site, outline, cell_m):
  """Halls that abut: list of (centre [2], half size [2], angle), metres."""
  rng = site.rng
  spots, angle = geometry.cells(outline, cell_m)
  if not len(spots):
    return []
  # Halls gather around a core, as a plant grows; what is left over is yard.
  core = spots[rng.integers(len(spots))]
  far = np.hypot(*(spots - core).T) * rng.uniform(0.8, 1.2, len(spots))
  kept = spots[np.argsort(far)][
    : max(1, round(len(spots) * rng.uniform(*_FILLED)))
  ]
  half = np.asarray(cell_m) / 2
  found = []
  for spot in kept:
    own = half.copy()
    if rng.random() < 0.12:
      own = own * rng.uniform(0.6, 1.0, 2)
    if site.canvas.frame.sees(spot[None], 120):
      found.append((spot, own, angle))
  return found


def _raise(site, bays, usual_m):
  """Raises the halls: neighbours often share a height and a roof."""
  rng = site.rng
  main = buildings.look(site, flat=True, seam_m=float(rng.choice([0, 6, 12])))
  other = buildings.look(site, flat=True)
  level_m = usual_m
  gap_m = float(rng.choice([1.2, 2.5, 5.0]))
  for spot, half, angle in bays:
    if rng.random() < 0.22:
      level_m = usual_m * rng.uniform(0.6, 1.5)
    looks = buildings.aged(rng, main if rng.random() < 0.8 else other)
    parts = [buildings.Part((0.0, 0.0), tuple(half), level_m)]
    parts += _patches(rng, half, level_m, looks.roof)
    if rng.random() < _STRIPS:
      parts += _strips(rng, half, level_m, gap_m)
    parts += buildings.equipment(rng, half, level_m, int(rng.integers(0, 22)))
    buildings.raise_at(site, spot, angle, tuple(parts), looks)


def _patches(rng, half, level_m, colour):
  """Roofing laid anew: sheets of another shade a hand above the rest."""
  parts = []
  for _ in range(rng.poisson(1.2)):
    own = half * rng.uniform(0.15, 0.5, 2)
    spot = rng.uniform(-1, 1, 2) * (half - own)
    shade = palettes.vary(rng, (colour,), 0.12)
    parts.append(
      buildings.Part(tuple(spot), tuple(own), level_m + 0.1, colour=shade)
    )
  return parts


def _strips(rng, half, level_m, gap_m):
  """Rooflights or ventilators in rows."""
  grey = int(rng.integers(120, 240))
  colour = (grey, grey, min(grey + 6, 255))
  rise_m = float(rng.uniform(0.4, 2.0))
  step_m = gap_m * rng.uniform(4, 9)
  long = half[0] * rng.uniform(0.5, 0.9)
  rows = np.arange(-half[1] + step_m / 2, half[1], step_m)
  return [
    buildings.Part(
      (0.0, float(v)), (long, gap_m / 2), level_m + rise_m, colour=colour
    )
    for v in rows[:12]
  ]


def _silos(site, bays):
  """A row of silos or a chimney beside the halls."""
  rng = site.rng
  if rng.random() < 0.45:
    return
  spot, half, angle = bays[int(rng.integers(len(bays)))]
  turn = geometry.rotation(angle)
  radius_m, top_m = float(rng.uniform(1.5, 6)), float(rng.uniform(12, 34))
  looks = buildings.look(site, flat=True)
  silo = buildings.Part((0.0, 0.0), (radius_m,) * 2, top_m, round=True)
  for index in range(int(rng.integers(1, 7))):
    aside = np.array([index * 2.2 * radius_m - half[0], half[1] + 2 * radius_m])
    own = dataclasses.replace(silo, wall_m=top_m * rng.uniform(0.95, 1.05))
    place = spot + aside @ turn.T
    buildings.raise_at(site, place, angle, (own,), buildings.aged(rng, looks))
