// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A thread that ends itself with a code: what it posted arrives before its 'exit', what it would do later never happens.
const { log } = require('./lib/lab.cjs');

const { Worker } = require('node:worker_threads');

const worker = new Worker(`
  const { parentPort } = require('node:worker_threads');
  for (let i = 1; i <= 3; ++i)
    parentPort.postMessage(i);
  setImmediate(() => {
    parentPort.postMessage('immediate');
    process.exit(5);
  });
  setTimeout(() => parentPort.postMessage('never'), 50);
`, { eval: true });
worker.on('message', (message) => log('message ' + message));
worker.on('exit', (code) => {
  log('exit ' + code);
  log(worker.threadId);
});
process.on('beforeExit', () => log('beforeExit'));
