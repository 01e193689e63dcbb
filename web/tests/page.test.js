// The built page in Chromium: make test-web.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {preview} from 'vite';
import {bytesIn, closed, eventually, mapOf, openBrowser, openPage, predicted,
  ready, reliefPixels} from './browser.js';
import {bytesOf, check, expected, farthest, heightsOf, pathOf} from './made.js';

const AXE = fs.readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
// A float32 model; the brief allows 0.01 m.
const MOST_M = 0.001;

let server;
let browser;
let home;

before(async () => {
  fs.mkdirSync(pathOf('page'), {recursive: true});
  server = await preview({root: path.resolve(import.meta.dirname, '..'),
    logLevel: 'error', preview: {port: 4180, open: false}});
  home = server.resolvedUrls.local[0];
  browser = await openBrowser();
  await browser.route('**/model/height.tflite',
    (route) => route.fulfill({path: pathOf('height.tflite')}));
});

after(async () => {
  await browser?.close();
  server?.httpServer.close();
  server?.httpServer.closeAllConnections?.();
});

const opened = () => openPage(browser, home);

test('the sample: heights of Python, pointer, GeoTIFF, and no other host',
  async () => {
    const page = await opened();
    await page.click('#sample');
    const name = 'Made-up town.tif';
    await ready(page, name);
    const {shape, gsdM} = await page.evaluate(() => {
      const {image} = window.heightnet;
      return {shape: [image.height, image.width], gsdM: image.gsdM};
    });
    assert.ok(Math.abs(gsdM - 0.6) < 1e-9);
    fs.writeFileSync(pathOf('page/sample.pixels'),
      await bytesIn(page, 'image.pixels'));
    const [download] = await Promise.all(
      [page.waitForEvent('download'), page.click('#save-tiff')]);
    assert.equal(download.suggestedFilename(),
      'Made-up town_height.tif');
    await download.saveAs(pathOf('page/heights.tif'));
    const about = check(
      {pixels: 'page/sample.pixels', shape, tiff: 'page/heights.tif'});
    const map = await mapOf(page);
    const most = farthest(map, heightsOf('page/sample'));
    console.log(`sample: at most ${most.toExponential(2)} m from Python`);
    assert.ok(most < MOST_M, `${most}`);
    assert.equal(farthest(map, heightsOf('page/written')), 0);
    assert.deepEqual(about, {shape, crs: 32633,
      transform: [0.6, 0, 380000, 0, -0.6, 5420345.6], nodata: 'nan',
      descriptions: ['height_m', 'spread_m'], units: ['m', 'm'],
      dtype: 'float32'});
    await checkPointer(page, map, shape);
    await closed(page);
  });

async function checkPointer(page, map, [height, width]) {
  const box = await page.locator('#map').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const value = await page.textContent('#readout-value');
  const place = await page.textContent('#readout-place');
  const [column, row] = place.match(/\d+/g).map(Number);
  assert.ok(Math.abs(column - width / 2) <= 1, place);
  assert.ok(Math.abs(row - height / 2) <= 1, place);
  assert.match(value, /^\d+\.\d ± \d+\.\d m$/);
  assert.ok(Math.abs(parseFloat(value) - map[row * width + column]) <= 0.051);
}

for (const name of ['georeferenced.tif', 'deep.tif', 'clear.png']) {
  test(`${name}: heights and unknown pixels of Python`, async () => {
    const page = await opened();
    await predicted(page, name);
    const map = await mapOf(page);
    const most = farthest(map, heightsOf(name.split('.')[0]));
    console.log(`${name}: at most ${most.toExponential(2)} m from Python`);
    assert.ok(most < MOST_M, `${most}`);
    const top = await page.evaluate(() => window.heightnet.topM);
    assert.equal(top, expected()[name].top_m);
    await closed(page);
  });
}

test('spreads of Python', async () => {
  const page = await opened();
  await predicted(page, 'clear.png');
  const wanted = new Float32Array(bytesOf('clear.spreads').buffer);
  assert.ok(farthest(await mapOf(page, 1), wanted) < MOST_M);
  await closed(page);
});

test('one thread where the page is not isolated gives the same', async () => {
  const page = await browser.newPage();
  await page.route(home, async (route) => {
    const answer = await route.fetch();
    const headers = {...answer.headers()};
    delete headers['cross-origin-embedder-policy'];
    await route.fulfill({response: answer, headers});
  });
  await page.goto(home);
  await predicted(page, 'clear.png');
  assert.equal(await page.evaluate(() => window.crossOriginIsolated), false);
  assert.equal(
    await page.evaluate(() => window.heightnet.predictor.threads), 1);
  assert.ok(farthest(await mapOf(page), heightsOf('clear')) < MOST_M);
  await page.close();
});

test('a pixel size that is typed resizes the image for the model', async () => {
  const page = await opened();
  await predicted(page, 'clear.png');
  assert.match(await page.textContent('#size-note'), /taken as 0\.5 m/);
  const first = await mapOf(page);
  await page.fill('#pixel-size', '1,0');
  await page.evaluate(() => window.heightnet.maps = null);
  await page.click('#again');
  await ready(page, 'clear.png');
  assert.ok(farthest(first, await mapOf(page)) > 0.1);
  await page.fill('#pixel-size', 'wide');
  await page.press('#pixel-size', 'Enter');
  assert.match(await page.textContent('#error-text'), /wide is no pixel size/);
  await page.fill('#pixel-size', '90');
  await page.press('#pixel-size', 'Enter');
  await page.waitForFunction(() => document.getElementById('error-text')
    .textContent.includes('90 m wide'));
  await closed(page);
});

test('a line gives a profile, and the profile a table', async () => {
  const page = await opened();
  await predicted(page, 'georeferenced.tif');
  await page.click('#line-tool');
  const box = await page.locator('#map').boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.5);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5);
  await page.mouse.up();
  assert.match(await page.textContent('#profile-text'),
    /^\d+ m long, from .* m on average\.$/);
  assert.ok(await page.locator('#profile .curve').count());
  const [download] = await Promise.all(
    [page.waitForEvent('download'), page.click('#save-csv')]);
  const lines = fs.readFileSync(await download.path(), 'utf8').trim()
    .split('\n');
  assert.equal(lines[0], 'along_m,height_m,column,row');
  const [, heightM, column, row] = lines[1].split(',').map(Number);
  const map = await mapOf(page);
  assert.ok(Math.abs(map[row * 131 + column] - heightM) <= 0.0051);
  await closed(page);
});

test('all by keyboard: open, read, draw a profile, turn the 3-D view',
  async () => {
    const page = await opened();
    await page.focus('#choose');
    const [chooser] = await Promise.all(
      [page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
    await chooser.setFiles(pathOf('georeferenced.tif'));
    await ready(page, 'georeferenced.tif');
    await page.focus('#map');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.textContent('#readout-place'),
      'column 65, row 48');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.textContent('#readout-place'),
      'column 75, row 47');
    await page.waitForFunction(() => /^\d+\.\d ± \d+\.\d m, column 75, row 47$/
      .test(document.getElementById('live').textContent));
    await page.keyboard.press('Enter');
    for (let k = 0; k < 4; k++) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Enter');
    assert.match(await page.textContent('#profile-text'), /^32 m long/);
    await page.focus('input[value=map]');
    await page.keyboard.press('ArrowRight');
    await page.waitForSelector('#relief:visible');
    let first;
    await eventually(async () =>
      new Set(first = await reliefPixels(page)).size > 200);
    await page.focus('#relief');
    for (let k = 0; k < 6; k++) await page.keyboard.press('ArrowLeft');
    await eventually(async () =>
      String(await reliefPixels(page)) !== String(first));
    await closed(page);
  });

test('the 3-D view is not empty', async () => {
  const page = await opened();
  await predicted(page, 'georeferenced.tif');
  await page.check('input[value=relief]');
  await eventually(async () => new Set(await reliefPixels(page)).size > 200);
  await closed(page);
});

test('broken files give a sentence, and the page goes on', async () => {
  const page = await opened();
  const png = Buffer.from(bytesOf('clear.png'));
  for (const [name, buffer, told] of [
    ['cut.png', png.subarray(0, 3000), /cut\.png cannot be read/],
    ['text.jpg', Buffer.from('not a picture'), /text\.jpg cannot be read/],
    ['none.tif', Buffer.alloc(0), /none\.tif is empty/],
    ['odd.tflite', Buffer.alloc(100), /tells nothing about itself/],
  ]) {
    await page.evaluate(() => document.getElementById('error').hidden = true);
    const input = name.endsWith('tflite') ? '#model-file' : '#file';
    await page.setInputFiles(input, {name, mimeType: '', buffer});
    await page.waitForSelector('#error:visible');
    assert.match(await page.textContent('#error-text'), told);
  }
  await page.setInputFiles('#model-file', pathOf('height.tflite'));
  await predicted(page, 'clear.png');
  assert.equal(await page.isVisible('#error'), false);
  await closed(page);
});

for (const theme of ['light', 'dark']) {
  test(`nothing stands in the way of a screen reader, ${theme}`, async () => {
    const page = await opened();
    await page.emulateMedia({colorScheme: theme});
    await page.reload();
    assert.deepEqual(await barriers(page), []);
    await predicted(page, 'clear.png');
    await page.focus('#map');
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual(await barriers(page), []);
    await page.check('input[value=relief]');
    assert.deepEqual(await barriers(page), []);
    await page.check('input[value=map]');
    await page.click('#about');
    assert.deepEqual(await barriers(page), []);
    await closed(page);
  });
}

/** What axe finds wrong, by rule and place. */
async function barriers(page) {
  await page.evaluate(AXE);
  const {violations} = await page.evaluate(() => window.axe.run());
  return violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`);
}

test('another image takes over from one that is being predicted', async () => {
  const page = await opened();
  await page.click('#sample');
  await page.waitForFunction(() => window.heightnet.running);
  await predicted(page, 'clear.png');
  assert.ok(farthest(await mapOf(page), heightsOf('clear')) < MOST_M);
  await page.click('#another');
  // Clicked by the page: a quick machine is done before a click from here.
  await page.evaluate(() => {
    window.cancelled = new Promise((resolve) => {
      const button = document.getElementById('cancel');
      new MutationObserver((changes, observer) => {
        if (!window.heightnet.running || !button.checkVisibility()) return;
        observer.disconnect();
        button.click();
        resolve();
      }).observe(document.body,
        {attributes: true, childList: true, subtree: true});
    });
  });
  await page.setInputFiles('#file', pathOf('deep.tif'));
  await page.evaluate(() => window.cancelled);
  await page.waitForSelector('#empty:visible');
  await predicted(page, 'georeferenced.tif');
  assert.equal(await page.isVisible('#error'), false);
  await closed(page);
});

test('a model that is missing gives a sentence', async () => {
  const page = await browser.newPage();
  await page.route('**/model/height.tflite',
    (route) => route.fulfill({status: 404, body: ''}));
  await page.goto(home);
  await page.waitForSelector('#error:visible');
  assert.match(await page.textContent('#error-text'), /no model at model/);
  await page.close();
});

test('the picture for a slide is a PNG', async () => {
  const page = await opened();
  await predicted(page, 'clear.png');
  const [download] = await Promise.all(
    [page.waitForEvent('download'), page.click('#save-png')]);
  assert.equal(download.suggestedFilename(), 'clear_height.png');
  const bytes = fs.readFileSync(await download.path());
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  assert.ok(bytes.readUInt32BE(16) > 512);
  await closed(page);
});
