// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Intervals and timeouts of one duration share a list.
const { log, spin } = require('./lib/lab.cjs');

let runs = 0;
setTimeout(() => log('timeout 1'), 5);
const interval = setInterval(() => {
  log('interval ' + ++runs);
  if (runs === 2)
    clearInterval(interval);
}, 5);
setTimeout(() => log('timeout 2'), 5);
spin(10);
