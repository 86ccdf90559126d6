// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The loop waits for as long as ticks queue ticks.
const { log, spin } = require('./lib/lab.cjs');

let left = 1000;
const tick = () => {
  if (--left > 0)
    process.nextTick(tick);
  else
    log('the last tick');
};
setImmediate(() => log('immediate'));
setTimeout(() => log('timeout'), 1);
spin(5);
process.nextTick(tick);
