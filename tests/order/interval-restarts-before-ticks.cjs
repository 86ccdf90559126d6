// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval is started again before its ticks run: what they start comes behind it.
const { log } = require('./lib/lab.cjs');

let runs = 0;
const interval = setInterval(() => {
  log('interval ' + ++runs);
  if (runs === 2)
    clearInterval(interval);
  else
    process.nextTick(() => setTimeout(() => log('timeout'), 5));
}, 5);
