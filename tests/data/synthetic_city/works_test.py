import numpy as np
import pytest

from heightnet_tf.data.synthetic_city import geometry
from heightnet_tf.data.synthetic_city import styles
from heightnet_tf.data.synthetic_city import works

_OUTLINE = geometry.rectangle(np.zeros(2), (170, 140), 0.2)


def _halls(make_site, draw):
  """The main parts of the halls of some sites, silos left out."""
  found = []
  for seed in range(6):
    site = make_site(seed=seed, side_px=340)
    draw(site, _OUTLINE, styles.STYLES['works'])
    bodies = [each.parts[0] for each in site.buildings]
    found.append([body for body in bodies if not body.round])
  return found


@pytest.mark.parametrize('draw', [works.plant, works.mall])
def test_halls_abut_over_hundreds_of_metres(make_site, draw):
  for halls in _halls(make_site, draw):
    covered_m2 = sum(4 * np.prod(body.half) for body in halls)
    assert 2_000 < covered_m2 < 1.1 * geometry.area_m2(_OUTLINE)
  heights = [body.wall_m for halls in _halls(make_site, draw) for body in halls]
  assert 2.9 < min(heights) < max(heights) < 37


def test_neighbours_share_edges(make_site):
  """Full halls stand wall to wall: the nearest centre is one hall away."""
  site = make_site(seed=1, side_px=340)
  works.plant(site, _OUTLINE, styles.STYLES['works'])
  halls = [each for each in site.buildings if not each.parts[0].round]
  centres = np.array([each.centre for each in halls])
  apart = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
  np.fill_diagonal(apart, np.inf)
  widest = 2 * np.max([each.parts[0].half for each in halls], axis=0)
  assert apart.min() == pytest.approx(widest.min(), rel=0.05)


def test_too_small_a_block_stays_a_yard(make_site):
  site = make_site()
  tiny = geometry.rectangle(np.zeros(2), (9, 8), 0.0)
  works.mall(site, tiny, styles.STYLES['works'])
  assert not site.buildings
