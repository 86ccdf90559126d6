// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval that takes itself back and starts another of the same delay, among timeouts of it.
const { log, spin } = require('./lib/lab.cjs');

let runs = 0;
let interval;
const run = () => {
  log('run ' + ++runs);
  clearInterval(interval);
  if (runs < 3)
    interval = setInterval(run, 5);
};
setTimeout(() => log('timeout 1'), 5);
interval = setInterval(run, 5);
setTimeout(() => {
  log('timeout 2');
  setTimeout(() => log('timeout 3'), 5);
}, 5);
spin(10);
