// Downloads.

import {heightPicture} from './picture.js';
import {profileCsv} from './profile.js';
import {state} from './state.js';
import {heightTiff} from './writing.js';

export async function saveTiff() {
  save(await heightTiff(state.maps, state.predictor.names, state.image),
    '_height.tif');
}

export async function savePng() {
  save(await heightPicture(state.coloured, state.topM, state.has),
    '_height.png');
}

export function saveCsv() {
  const text = profileCsv(state.profile, state.gsdM);
  save(new Blob([text], {type: 'text/csv'}), '_profile.csv');
}

function save(blob, ending) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = state.image.name.replace(/\.[^.]*$/, '') + ending;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60e3);
}
