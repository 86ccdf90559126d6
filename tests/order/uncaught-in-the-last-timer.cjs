// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of the last timer: its ticks run before the phase ends.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

setTimeout(() => {
  process.nextTick(() => log('tick'));
  throw new Error('timer');
}, 1);
setImmediate(() => log('immediate'));
spin(5);
