// Reading heights off the map: under the pointer, and along a line.

import {choose, part} from './dom.js';
import {MapView} from './map.js';
import {heightText, markLegend} from './panel.js';
import {drawProfile, profileAlong, profileText} from './profile.js';
import {speak} from './saying.js';
import {state} from './state.js';

export const map = new MapView(part('map'), {
  point: (pixel, byKey) => showPoint(pixel, byKey),
  line: (line) => showLine(line),
  tool: (on) => useLineTool(on),
});

export function showPoint(pixel, byKey) {
  const readout = part('readout');
  readout.hidden = !pixel || !state.maps;
  if (readout.hidden) {
    markLegend(part('legend'), null, state.topM);
    return;
  }
  const {column, row} = pixel;
  const [heightM, ...others] = state.maps.map(
    (one) => one[row * state.image.width + column]);
  const spread = others.length && Number.isFinite(others[0]) ?
    ` ± ${others[0].toFixed(1)}` : '';
  const value = heightText(heightM).replace(' m', `${spread} m`);
  part('readout-value').textContent = value;
  part('readout-place').textContent = `column ${column}, row ${row}`;
  markLegend(part('legend'), heightM, state.topM);
  if (byKey) speak(`${value}, column ${column}, row ${row}`);
}

export function useLineTool(on) {
  map.lineTool = on;
  part('line-tool').setAttribute('aria-pressed', on);
  if (on) choose('view', 'map');
}

export function toggleLineTool() {
  useLineTool(part('line-tool').getAttribute('aria-pressed') !== 'true');
}

export function showLine(line) {
  state.line = line;
  if (!line || !state.maps) {
    clearProfile();
    return;
  }
  const gsdM = state.gsdM;
  const points = profileAlong(state.maps[0], state.image.width, line, gsdM);
  state.profile = points;
  part('profile').hidden = false;
  part('profile-hint').hidden = true;
  part('save-csv').hidden = false;
  part('profile-text').hidden = false;
  part('profile-text').textContent = profileText(points, gsdM);
  drawProfile(part('profile'), points, gsdM, (point, byKey) => {
    map.bead = point;
    showPoint(point, byKey);
  });
  speak(`Profile: ${profileText(points, gsdM)}`);
}

export function clearProfile() {
  state.profile = state.line = null;
  part('profile').hidden = true;
  part('profile-hint').hidden = false;
  part('save-csv').hidden = true;
  part('profile-text').hidden = true;
}
