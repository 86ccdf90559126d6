// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// In a callback of I/O an immediate comes before any timer.
const { io, log, spin } = require('./lib/lab.cjs');

io(() => {
  log('io');
  setTimeout(() => log('timeout'), 0);
  setImmediate(() => log('immediate'));
  process.nextTick(() => log('tick'));
  queueMicrotask(() => log('microtask'));
  spin(5);
});
