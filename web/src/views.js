// The two views, map and 3-D, and what lies on them: image or heights.

import {choose, chosen, part} from './dom.js';
import {assumedSize} from './pixel_size.js';
import {map, showPoint, useLineTool} from './pointing.js';
import {complain} from './saying.js';
import {state} from './state.js';

// How tall things are drawn at first, as a share of the scene's width, and by
// how much they are stretched for that at most.
const SEEN_SHARE = 0.03;
const MOST_AT_FIRST = 3;

export async function changeView() {
  const relief = chosen('view') === 'relief';
  part('map').hidden = relief;
  part('relief').hidden = !relief;
  part('relief-panel').hidden = !relief;
  showPoint(null, false);
  choose('layer', state.layerOf[chosen('view')]);
  if (!relief) return;
  useLineTool(false);
  try {
    await showRelief();
  } catch (error) {
    complain(error);
    choose('view', 'map');
  }
}

export async function showRelief() {
  if (!state.maps) return;
  const {Relief} = await import('./relief.js');
  state.relief ??= new Relief(part('relief'));
  if (state.relief.shown !== state.maps) {
    state.relief.shown = state.maps;
    // Without any pixel size, one that makes a map a kilometre wide.
    const gsdM = state.gsdM ?? assumedSize() ?? 1000 / state.image.width;
    state.relief.open(state.maps[0], state.image, gsdM);
    part('stretch').value = firstStretch(gsdM);
  }
  changeStretch();
  changeLayer();
}

/** A stretch by which the heights of a wide scene do not look flat. */
function firstStretch(gsdM) {
  const widthM = gsdM * Math.max(state.image.width, state.image.height);
  const wanted = SEEN_SHARE * widthM / state.topM;
  return Math.min(MOST_AT_FIRST, Math.max(1, Math.round(wanted * 2) / 2));
}

export function changeLayer() {
  state.layerOf[chosen('view')] = chosen('layer');
  map.layer = chosen('layer');
  if (chosen('view') === 'relief' && state.relief?.shown) {
    state.relief.picture = chosen('layer') === 'image' ? state.picture :
      state.coloured;
  }
}

export function changeStretch() {
  const value = Number(part('stretch').value);
  part('stretch-value').textContent = `× ${value}`;
  if (state.relief?.shown) state.relief.stretch = value;
}

export function zoom(factor) {
  if (chosen('view') === 'relief') state.relief?.zoomBy(factor);
  else map.zoomBy(factor);
}

export function fit() {
  if (chosen('view') === 'relief') state.relief?.fit();
  else map.fit();
}
