// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A thread that is not referenced does not keep the program.
const { log } = require('./lib/lab.cjs');

const { Worker } = require('node:worker_threads');

const worker = new Worker('setInterval(() => {}, 1)', { eval: true });
worker.on('online', () => {
  log('online');
  worker.unref();
});
worker.on('exit', () => log('never'));
process.on('beforeExit', () => log('beforeExit'));
process.on('exit', () => log('exit'));
