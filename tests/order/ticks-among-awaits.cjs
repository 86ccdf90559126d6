// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Ticks, microtasks and coroutines that run on, each queued by another.
const { log } = require('./lib/lab.cjs');

const steps = async (name) => {
  for (let i = 1; i <= 3; ++i) {
    process.nextTick(() => log('tick ' + i + ' of ' + name));
    await null;
    log(name + ' ' + i);
  }
  queueMicrotask(() => log('microtask of ' + name));
};
process.nextTick(() => {
  log('tick');
  steps('a');
  process.nextTick(() => log('tick of the tick'));
  queueMicrotask(() => log('microtask of the tick'));
});
queueMicrotask(() => {
  log('microtask');
  steps('b');
});
log('script');
