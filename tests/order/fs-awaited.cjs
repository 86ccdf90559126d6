// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The same by coroutines: what fails throws, and who catches it goes on.
const { log } = require('./lib/lab.cjs');

const fs = require('node:fs/promises');
const os = require('node:os');
const path = require('node:path');

const file = path.join(os.tmpdir(), 'order-fs-awaited-' + process.pid);
(async () => {
  log('script');
  await fs.writeFile(file, 'one');
  process.nextTick(() => log('tick'));
  queueMicrotask(() => log('microtask'));
  log('written');
  await fs.appendFile(file, ' two');
  log('size ' + (await fs.stat(file)).size);
  log((await fs.readFile(file)).toString());
  await fs.unlink(file);
  for (const fails of [() => fs.readFile(file), () => fs.stat(file), () => fs.readdir(file), () => fs.unlink(file)]) {
    try {
      await fails();
      log('never');
    } catch (error) {
      log(error.message.split('\'')[0]);
    }
  }
})().then(() => log('end'));
log('after the script');
