// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Each immediate that an immediate, its tick or its microtask queues waits for another turn; due timers come between.
const { log, spin } = require('./lib/lab.cjs');

setImmediate(() => {
  log('first');
  setTimeout(() => log('timeout'), 1);
  setImmediate(() => {
    log('of the first');
    setImmediate(() => log('of that'));
  });
  process.nextTick(() => setImmediate(() => log('of its tick')));
  queueMicrotask(() => setImmediate(() => log('of its microtask')));
  spin(10);
});
setImmediate(() => log('second'));
