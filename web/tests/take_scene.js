// Gives a scene to a page that is served, and takes what it makes of it:
//   node take_scene.js http://localhost:8501 scene.tif FOLDER
// FOLDER gets heights.tif and pictures of the page. For benchmarks/page.py.

import path from 'node:path';
import {closed, eventually, openBrowser, openPage, ready, reliefPixels}
  from './browser.js';

const [home, scene, folder] = process.argv.slice(2);
const to = (name) => path.join(folder, name);

/** The page in light and dark, as a map and in 3-D. */
async function takePictures(page) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({colorScheme});
    await page.evaluate((theme) =>
      document.documentElement.dataset.theme = theme, colorScheme);
    await page.check('input[value=map]');
    await page.screenshot({path: to(`map_${colorScheme}.png`)});
    await page.check('input[value=relief]');
    await eventually(async () => new Set(await reliefPixels(page)).size > 200);
    await page.screenshot({path: to(`relief_${colorScheme}.png`)});
  }
}

/** Draws a profile across the middle of the map. */
async function drawLine(page) {
  await page.click('#line-tool');
  const {x, y, width, height} = await page.locator('#map').boundingBox();
  await page.mouse.move(x + width * 0.4, y + height * 0.35);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.55, y + height * 0.65, {steps: 4});
  await page.mouse.up();
}

const browser = await openBrowser();
const page = await openPage(browser, home);
await page.waitForFunction(() =>
  document.getElementById('model-state').textContent === 'Model ready');
const started = performance.now();
await page.setInputFiles('#file', scene);
await ready(page, path.basename(scene));
const seconds = (performance.now() - started) / 1000;
const [download] = await Promise.all(
  [page.waitForEvent('download'), page.click('#save-tiff')]);
await download.saveAs(to('heights.tif'));
await drawLine(page);
await takePictures(page);
const {accelerator, threads} = await page.evaluate(() => {
  const {accelerator, threads} = window.heightnet.predictor;
  return {accelerator, threads};
});
await closed(page);
await browser.close();
console.log(JSON.stringify(
  {seconds: Number(seconds.toFixed(1)), accelerator, threads}));
