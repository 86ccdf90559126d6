// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A tick runs between two timers of a list, and clears the second.
const { log, spin } = require('./lib/lab.cjs');

let second;
setTimeout(() => {
  log('first');
  process.nextTick(() => {
    log('tick');
    clearTimeout(second);
  });
}, 5);
second = setTimeout(() => log('second'), 5);
setTimeout(() => log('third'), 5);
spin(10);
