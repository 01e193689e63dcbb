// The page: what its controls do.

import './style.css';
import {on, onChoice, part, pick} from './dom.js';
import {bundledModel, useModel} from './loading.js';
import {cancel, open, openModel, openSample, predictAgain} from './opening.js';
import {takeTypedSize} from './pixel_size.js';
import {toggleLineTool} from './pointing.js';
import {saveCsv, savePng, saveTiff} from './saving.js';
import {complain, hush} from './saying.js';
import {state} from './state.js';
import {firstTheme, toggleTheme} from './theme.js';
import {changeLayer, changeStretch, changeView, fit, zoom} from './views.js';

function applySize(event) {
  event.preventDefault();
  if (takeTypedSize()) predictAgain();
}

function dropped(event) {
  event.preventDefault();
  part('drop-note').hidden = true;
  const [file] = event.dataTransfer.files;
  if (file) open(file);
}

function pasted(event) {
  const [file] = event.clipboardData.files;
  if (file) open(file);
}

const chooseFile = pick(part('file'), open);
on('choose', 'click', chooseFile);
on('another', 'click', chooseFile);
on('sample', 'click', openSample);
on('cancel', 'click', cancel);
on('error-close', 'click', hush);
on('theme', 'click', toggleTheme);
on('about', 'click', () => part('model-dialog').showModal());
on('model-close', 'click', () => part('model-dialog').close());
on('model-choose', 'click', pick(part('model-file'), openModel));
on('size-form', 'submit', applySize);
on('pixel-size', 'input', () => part('again').hidden = false);
on('line-tool', 'click', toggleLineTool);
on('zoom-in', 'click', () => zoom(1.4));
on('zoom-out', 'click', () => zoom(1 / 1.4));
on('zoom-fit', 'click', fit);
on('stretch', 'input', changeStretch);
on('save-tiff', 'click', () => saveTiff().catch(complain));
on('save-png', 'click', () => savePng().catch(complain));
on('save-csv', 'click', saveCsv);
onChoice('view', changeView);
onChoice('layer', changeLayer);
addEventListener('dragover', (event) => {
  event.preventDefault();
  part('drop-note').hidden = false;
});
addEventListener('dragleave', (event) => {
  if (!event.relatedTarget) part('drop-note').hidden = true;
});
addEventListener('drop', dropped);
addEventListener('paste', pasted);

firstTheme();
useModel(bundledModel, 'height.tflite');
// For tests: what the page shows, in numbers.
window.heightnet = state;
