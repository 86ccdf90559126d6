// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a close callback: the next one runs, and its ticks after a callback of the next turn.
const { closeHandle, log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

closeHandle(() => {
  process.nextTick(() => log('tick'));
  setTimeout(() => log('timeout'), 1);
  spin(5);
  throw new Error('close');
});
