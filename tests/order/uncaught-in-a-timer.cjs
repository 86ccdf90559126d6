// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a timer: the next timer runs, then the ticks of both.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => {
  log('uncaught: ' + error.message);
  process.nextTick(() => log('tick of the handler'));
});
setTimeout(() => {
  process.nextTick(() => log('tick'));
  queueMicrotask(() => log('microtask'));
  throw new Error('first');
}, 5);
setTimeout(() => log('second'), 5);
setTimeout(() => log('third'), 7);
setImmediate(() => log('immediate'));
spin(15);
