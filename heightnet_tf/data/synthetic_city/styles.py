"""How parts of a city are built, and which of them go together in a region."""

import dataclasses

WORLD = 'world'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Style:
  """How a part of a city is built.

  Attributes:
    block_m: usual length of a block.
    street_m: usual width of a side street, kerb to kerb.
    pavement_m: width of the pavements; 0 for none.
    kinds: name of a way to fill a block (see `blocks`) -> how often.
    tall_m: median height of its high buildings.
    crooked_deg: how far streets turn from the grid, standard deviation.
  """

  block_m: float
  street_m: float
  pavement_m: float
  kinds: dict
  tall_m: float
  crooked_deg: float = 3.5


STYLES = {
  'suburb': Style(
    block_m=105,
    street_m=7,
    pavement_m=1.6,
    kinds={'houses': 0.8, 'park': 0.08, 'school': 0.06, 'forest': 0.06},
    tall_m=12,
  ),
  'village': Style(
    block_m=150,
    street_m=5.5,
    pavement_m=0,
    kinds={
      'houses': 0.44,
      'farm': 0.1,
      'field': 0.14,
      'meadow': 0.13,
      'forest': 0.14,
      'church': 0.05,
    },
    tall_m=10,
    crooked_deg=12,
  ),
  'farmland': Style(
    block_m=260,
    street_m=4,
    pavement_m=0,
    kinds={
      'field': 0.46,
      'meadow': 0.16,
      'forest': 0.12,
      'farm': 0.08,
      'terraces': 0.06,
      'orchard': 0.07,
      'bare': 0.05,
    },
    tall_m=9,
    crooked_deg=7,
  ),
  'wild': Style(
    block_m=420,
    street_m=3.5,
    pavement_m=0,
    kinds={'forest': 0.52, 'scrub': 0.2, 'meadow': 0.18, 'bare': 0.1},
    tall_m=9,
    crooked_deg=15,
  ),
  'town': Style(
    block_m=75,
    street_m=8.5,
    pavement_m=2.4,
    kinds={'perimeter': 0.5, 'rows': 0.27, 'offices': 0.1, 'park': 0.13},
    tall_m=15,
  ),
  'oldtown': Style(
    block_m=44,
    street_m=4.2,
    pavement_m=0.6,
    kinds={'old': 0.83, 'church': 0.05, 'plaza': 0.07, 'park': 0.05},
    tall_m=12,
    crooked_deg=11,
  ),
  'dense': Style(
    block_m=52,
    street_m=3.6,
    pavement_m=0.4,
    kinds={'packed': 0.9, 'bare': 0.05, 'rows': 0.05},
    tall_m=8,
    crooked_deg=8,
  ),
  'estate': Style(
    block_m=120,
    street_m=7.5,
    pavement_m=2.2,
    kinds={'slabs': 0.55, 'rows': 0.15, 'school': 0.12, 'park': 0.18},
    tall_m=25,
  ),
  'highrise': Style(
    block_m=130,
    street_m=14,
    pavement_m=3,
    kinds={'points': 0.68, 'slabs': 0.12, 'park': 0.1, 'bare': 0.1},
    tall_m=50,
  ),
  'industry': Style(
    block_m=170,
    street_m=9,
    pavement_m=1.5,
    kinds={
      'halls': 0.38,
      'warehouses': 0.26,
      'parking': 0.1,
      'meadow': 0.08,
      'offices': 0.06,
      'bare': 0.06,
      'tanks': 0.06,
    },
    tall_m=11,
  ),
  'works': Style(
    block_m=330,
    street_m=11,
    pavement_m=1.5,
    kinds={'plant': 0.5, 'mall': 0.22, 'warehouses': 0.14, 'meadow': 0.14},
    tall_m=11,
  ),
  'campus': Style(
    block_m=160,
    street_m=8,
    pavement_m=2,
    kinds={
      'offices': 0.36,
      'school': 0.2,
      'parking': 0.16,
      'park': 0.2,
      'stadium': 0.08,
    },
    tall_m=15,
  ),
  'centre': Style(
    block_m=90,
    street_m=12,
    pavement_m=3.6,
    kinds={
      'towers': 0.48,
      'offices': 0.22,
      'perimeter': 0.1,
      'parking': 0.1,
      'park': 0.1,
    },
    tall_m=31,
  ),
}

# Which styles lie together, and how often a scene is in such a region.
REGIONS = {
  'american': (
    0.26,
    {
      'suburb': 5,
      'industry': 1.8,
      'works': 1.6,
      'campus': 2,
      'centre': 0.8,
      'wild': 1.6,
    },
  ),
  'european': (
    0.24,
    {
      'oldtown': 3,
      'town': 2.5,
      'suburb': 1.5,
      'village': 1.5,
      'estate': 1,
      'industry': 1,
      'works': 0.8,
      'farmland': 1,
    },
  ),
  'asian': (
    0.13,
    {
      'highrise': 1.8,
      'dense': 3,
      'industry': 1.6,
      'works': 1.2,
      'town': 1,
      'farmland': 1.5,
    },
  ),
  'growing': (
    0.09,
    {'dense': 5, 'estate': 1.5, 'industry': 1.3, 'suburb': 1.2, 'wild': 1},
  ),
  'country': (0.17, {'farmland': 5, 'village': 3, 'wild': 2}),
  'wild': (0.11, {'wild': 9, 'farmland': 1}),
}
