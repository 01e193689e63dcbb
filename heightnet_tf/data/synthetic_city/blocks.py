"""What stands on the ground between streets: one way of many per block."""

import numpy as np

from heightnet_tf.data.synthetic_city import canvas as canvases
from heightnet_tf.data.synthetic_city import farming
from heightnet_tf.data.synthetic_city import geometry
from heightnet_tf.data.synthetic_city import homes
from heightnet_tf.data.synthetic_city import landmarks
from heightnet_tf.data.synthetic_city import large_buildings
from heightnet_tf.data.synthetic_city import old_town
from heightnet_tf.data.synthetic_city import open_ground
from heightnet_tf.data.synthetic_city import palettes
from heightnet_tf.data.synthetic_city import styles
from heightnet_tf.data.synthetic_city import tall_buildings
from heightnet_tf.data.synthetic_city import works

_SMALLEST_M2 = 250
_OPEN_KINDS = ('field', 'meadow', 'forest', 'scrub', 'bare', 'terraces')
_LANDMARKS = ('stadium', 'tanks', 'church')


def fill(site, block):
  """Draws one block in its style.

  Args:
    site: site.Site that is drawn on.
    block: plan.Block.
  """
  style = styles.STYLES[block.style]
  names = list(style.kinds)
  shares = np.array(list(style.kinds.values()))
  kind = str(site.rng.choice(names, p=shares / shares.sum()))
  outline = block.outline
  pavement_m = style.pavement_m
  if kind in _LANDMARKS and 'landmarks' not in site.parts:
    kind = 'park'
  if geometry.area_m2(outline) < _SMALLEST_M2:
    site.lawn(outline)
    return
  if kind in _OPEN_KINDS:
    pavement_m *= site.rng.random() < 0.3
  if pavement_m:
    concrete = palettes.vary(site.rng, site.palette.concrete, 0.04)
    site.canvas.ground(outline, concrete, canvases.PAVING)
    outline = geometry.inset(outline, pavement_m)
  if len(outline) >= 3:
    KINDS[kind](site, outline, style)


KINDS = {
  'houses': homes.houses,
  'rows': homes.rows,
  'perimeter': homes.perimeter,
  'old': old_town.old,
  'packed': old_town.packed,
  'church': landmarks.church,
  'stadium': landmarks.stadium,
  'tanks': landmarks.tanks,
  'slabs': large_buildings.slabs,
  'points': tall_buildings.points,
  'towers': tall_buildings.towers,
  'halls': large_buildings.halls,
  'warehouses': large_buildings.warehouses,
  'plant': works.plant,
  'mall': works.mall,
  'offices': large_buildings.offices,
  'parking': large_buildings.parking,
  'farm': farming.farm,
  'field': farming.field,
  'terraces': farming.terraces,
  'orchard': farming.orchard,
  'park': open_ground.park,
  'plaza': open_ground.plaza,
  'school': open_ground.school,
  'meadow': open_ground.meadow,
  'forest': open_ground.forest,
  'scrub': open_ground.scrub,
  'bare': open_ground.bare,
}
