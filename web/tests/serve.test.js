// The page as serve_main.py shows it, with the model that it serves.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {test} from 'node:test';
import {closed, mapOf, openBrowser, openPage, predicted} from './browser.js';
import {PYTHON, ROOT, farthest, heightsOf, pathOf} from './made.js';

test('serve_main.py shows a page that predicts, with nothing more to do',
  async () => {
    const server = spawn(PYTHON, ['serve_main.py', '--port=0',
      `--model=${pathOf('height.tflite')}`],
    {cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit']});
    let browser;
    try {
      const [line] = await once(server.stdout, 'data');
      const [home] = String(line).match(/http:[^ ]*/);
      browser = await openBrowser();
      const page = await openPage(browser, home);
      await predicted(page, 'clear.png');
      assert.equal(await page.textContent('#model-state'), 'Model ready');
      assert.ok(farthest(await mapOf(page), heightsOf('clear')) < 0.001);
      await closed(page);
    } finally {
      await browser?.close();
      server.kill();
    }
  });
