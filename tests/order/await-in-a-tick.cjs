// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An await in a tick waits for the other ticks.
const { log } = require('./lib/lab.cjs');

process.nextTick(async () => {
  log('tick');
  await null;
  log('tick goes on');
});
process.nextTick(() => log('second tick'));
queueMicrotask(() => log('microtask'));
