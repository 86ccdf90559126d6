// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of an immediate: the others of its turn still run in it.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

setImmediate(() => {
  process.nextTick(() => log('tick'));
  setImmediate(() => log('queued by the first'));
  setTimeout(() => log('timeout'), 1);
  spin(5);
  throw new Error('first');
});
setImmediate(() => log('second'));
setImmediate(() => log('third'));
