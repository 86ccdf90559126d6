// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Microtasks run until there are none, those that they queue included; then the ticks that they queued.
const { log } = require('./lib/lab.cjs');

queueMicrotask(() => {
  log('first');
  process.nextTick(() => log('tick of the first'));
  queueMicrotask(() => log('nested'));
});
queueMicrotask(() => log('second'));
