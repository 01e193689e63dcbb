// What the page shows of an image, and then of its heights.

import {colourHeights, niceTop} from './colours.js';
import {choose, chosen, part} from './dom.js';
import {drawFigures, drawLegend, metres} from './panel.js';
import {canvasOf, canvasOfImage} from './picture.js';
import {noteSize} from './pixel_size.js';
import {clearProfile, map, showLine, showPoint} from './pointing.js';
import {idle, speak} from './saying.js';
import {state} from './state.js';
import {showRelief} from './views.js';

export function backToStart() {
  state.image = null;
  part('work').hidden = true;
  part('another').hidden = true;
  part('empty').hidden = false;
}

export function showImage(image) {
  Object.assign(state, {image, gsdM: image.gsdM, maps: null, topM: 1,
    picture: canvasOfImage(image)});
  part('empty').hidden = true;
  part('work').hidden = false;
  part('another').hidden = false;
  part('file-name').textContent = image.name;
  part('file-facts').textContent =
    [`${image.width} × ${image.height} pixels`, image.crs]
      .filter(Boolean).join(' · ');
  part('pixel-size').value = image.gsdM === null ? '' : metres(image.gsdM);
  part('again').hidden = true;
  noteSize();
  choose('view', 'map');
  map.open(image, {image: state.picture});
  clearProfile();
  showPoint(null, false);
  part('heights-panel').hidden = part('profile-panel').hidden = true;
  for (const id of ['save-tiff', 'save-png']) part(id).disabled = true;
  part('save-note').textContent = image.place ?
    'The GeoTIFF keeps the place of your image.' :
    'Your image tells no place, so the GeoTIFF has none.';
}

export function showHeights(maps) {
  idle();
  const [heightM] = maps;
  const topM = niceTop(heightM);
  const has = {beyond: heightM.some((value) => value > topM),
    unknown: heightM.some((value) => Number.isNaN(value))};
  Object.assign(state, {maps, topM, has,
    coloured: canvasOf(colourHeights(heightM, topM), state.image)});
  map.layers = {image: state.picture, heights: state.coloured};
  drawLegend(part('legend'), topM, has);
  drawFigures(part('figures'), heightM);
  part('heights-panel').hidden = part('profile-panel').hidden = false;
  for (const id of ['save-tiff', 'save-png']) part(id).disabled = false;
  if (chosen('view') === 'relief') showRelief();
  if (state.line) showLine(state.line);
  noteSize();
  speak('The heights are ready.');
}
