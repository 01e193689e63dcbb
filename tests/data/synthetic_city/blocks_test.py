import numpy as np
import pytest

from heightnet_tf.data.synthetic_city import blocks
from heightnet_tf.data.synthetic_city import geometry
from heightnet_tf.data.synthetic_city import plan
from heightnet_tf.data.synthetic_city import styles

_OUTLINE = geometry.rectangle(np.zeros(2), (48, 40), 0.1)
_BUILT = (
  'houses',
  'rows',
  'perimeter',
  'slabs',
  'halls',
  'plant',
  'offices',
  'towers',
  'school',
  'old',
  'packed',
  'church',
  'tanks',
  'points',
  'warehouses',
  'farm',
)


@pytest.mark.parametrize('kind', blocks.KINDS)
def test_every_kind_covers_its_ground(make_site, kind):
  site = make_site(seed=5)
  blocks.KINDS[kind](site, _OUTLINE, styles.STYLES['town'])
  colour = site.canvas.layers()[0]
  assert (colour[15:85, 10:90].sum(2) > 0).all()
  if kind != 'stadium':
    assert bool(site.buildings) == (kind in _BUILT)
  for building in site.buildings:
    assert geometry.contains(_OUTLINE, building.centre[None]).all()


def test_fill_leaves_the_pavement(make_site):
  site = make_site()
  blocks.fill(site, plan.Block(_OUTLINE, 'centre'))
  for building in site.buildings:
    inner = geometry.inset(_OUTLINE, 3)
    assert geometry.contains(inner, building.centre[None]).all()


def test_a_sliver_is_no_trouble(make_site):
  site = make_site()
  sliver = geometry.rectangle(np.zeros(2), (20, 0.4), 0.3)
  for style in styles.STYLES:
    blocks.fill(site, plan.Block(sliver, style))
  assert not site.buildings
