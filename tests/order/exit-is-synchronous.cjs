// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What an exit listener puts off is lost, but for microtasks.
const { log } = require('./lib/lab.cjs');

process.on('exit', () => {
  log('exit');
  setTimeout(() => log('timeout'), 0);
  setImmediate(() => log('immediate'));
  process.nextTick(() => log('tick'));
  queueMicrotask(() => log('microtask'));
});
process.on('exit', () => log('second listener'));
