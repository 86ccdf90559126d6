// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What a thread posted arrives; when it fails later, 'error', then 'exit'.
const { log } = require('./lib/lab.cjs');

const { Worker } = require('node:worker_threads');

const worker = new Worker(`
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage('one');
  setTimeout(() => {
    throw new Error('failed');
  }, 100);
`, { eval: true });
worker.on('online', () => log('online'));
worker.on('message', (message) => log(message));
worker.on('error', (error) => log('error: ' + error.message));
worker.on('exit', (code) => log('exit ' + code));
process.on('exit', (code) => log('the program: ' + code));
