// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A tick that a tick queues runs before the first microtask.
const { log } = require('./lib/lab.cjs');

queueMicrotask(() => log('microtask'));
process.nextTick(() => {
  log('tick');
  process.nextTick(() => {
    log('nested');
    process.nextTick(() => log('nested twice'));
  });
});
process.nextTick(() => log('second tick'));
