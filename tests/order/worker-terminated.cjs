// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// terminate() ends a thread that would never end; 'exit' comes before who awaits it runs on.
const { log } = require('./lib/lab.cjs');

const { Worker } = require('node:worker_threads');

const worker = new Worker('setInterval(() => {}, 1)', { eval: true });
worker.on('exit', (code) => {
  log('exit ' + code);
  process.nextTick(() => log('tick'));
});
worker.on('online', async () => {
  log('online');
  log('awaited ' + await worker.terminate());
});
process.on('exit', () => log('the program ends'));
