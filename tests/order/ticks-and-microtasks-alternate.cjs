// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Ticks and microtasks queue each other.
const { log } = require('./lib/lab.cjs');

const tick = (left) => process.nextTick(() => {
  log('tick ' + left);
  queueMicrotask(() => {
    log('microtask ' + left);
    if (left > 0)
      tick(left - 1);
  });
});
tick(2);
tick(1);
setImmediate(() => log('immediate'));
