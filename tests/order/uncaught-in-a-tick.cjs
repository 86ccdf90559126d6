// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a tick: the others wait for the next callback.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

process.nextTick(() => {
  throw new Error('tick');
});
process.nextTick(() => log('second tick'));
queueMicrotask(() => log('microtask'));
setTimeout(() => log('timeout'), 1);
setTimeout(() => log('second timeout'), 2);
setImmediate(() => log('immediate'));
spin(5);
