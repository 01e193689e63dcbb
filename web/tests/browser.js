// The page in Chromium: opening it, giving it files, reading what it shows.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {setTimeout} from 'node:timers/promises';
import {chromium} from 'playwright-core';
import {pathOf} from './made.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu',
  // WebGL without a graphics card, for the 3-D view.
  '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update',
  '--disable-sync'];
const PATIENCE_MS = 180e3;

/** Starts Chromium with a profile of its own, which goes when it is closed. */
export async function openBrowser() {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'heightnet-page-'));
  const browser = await chromium.launchPersistentContext(profile,
    {executablePath: CHROMIUM, args: FLAGS, acceptDownloads: true,
      viewport: {width: 1280, height: 800}});
  browser.setDefaultTimeout(PATIENCE_MS);
  browser.on('close', () => removed(profile));
  return browser;
}

/** Removes a folder that a browser on its way out may still write into. */
async function removed(folder) {
  for (let attempt = 0; attempt < 50 && fs.existsSync(folder); ++attempt) {
    try {
      fs.rmSync(folder, {recursive: true});
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'ENOENT') throw error;
      await setTimeout(100);
    }
  }
}

/** Opens the page; notes its crashes and what it asks of other hosts. */
export async function openPage(browser, home) {
  const page = await browser.newPage();
  page.outside = [];
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) &&
        !request.url().startsWith(home)) page.outside.push(request.url());
  });
  // Chromium must know before the first click that nobody will see a dialog.
  page.on('filechooser', () => {});
  page.crashes = [];
  page.on('pageerror', (error) => page.crashes.push(error));
  await page.goto(home);
  return page;
}

export async function closed(page) {
  assert.deepEqual(page.crashes, []);
  assert.deepEqual(page.outside, []);
  await page.close();
}

/** Gives the page a file that reference.py made. */
export async function predicted(page, name) {
  await page.setInputFiles('#file', pathOf(name));
  await ready(page, name);
}

export async function ready(page, name) {
  await page.waitForFunction((wanted) => window.heightnet.maps &&
    window.heightnet.image.name === wanted, name);
}

export async function mapOf(page, output = 0) {
  return new Float32Array((await bytesIn(page, `maps.${output}`)).buffer);
}

/** The bytes of an array of the page's state. */
export async function bytesIn(page, place) {
  const text = await page.evaluate((path) => {
    const array = path.split('.').reduce((one, key) => one[key],
      window.heightnet);
    const bytes = new Uint8Array(array.buffer);
    let all = '';
    for (let k = 0; k < bytes.length; k += 8192) {
      all += String.fromCharCode(...bytes.subarray(k, k + 8192));
    }
    return btoa(all);
  }, place);
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Asks again and again, for as long as a slow machine may take. */
export async function eventually(holds) {
  const end = Date.now() + PATIENCE_MS;
  while (!await holds()) {
    assert.ok(Date.now() < end, `never came true: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

/** What is drawn, from a screenshot: WebGL keeps nothing to read. */
export async function reliefPixels(page) {
  await page.waitForFunction(() => window.heightnet.relief?.shown);
  const shot = await page.locator('#relief').screenshot();
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const canvas = new OffscreenCanvas(120, 80);
    const context = canvas.getContext('2d');
    context.imageSmoothingEnabled = false;
    context.drawImage(bitmap, 0, 0, 120, 80);
    const {data} = context.getImageData(0, 0, 120, 80);
    return Array.from(new Uint32Array(data.buffer));
  }, shot.toString('base64'));
}
