// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a completion: its ticks run before the immediates.
const { io, log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

io(() => {
  process.nextTick(() => log('tick'));
  setImmediate(() => log('immediate'));
  throw new Error('io');
});
