// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval runs until it clears itself; what it does after that in its callback still counts.
const { log } = require('./lib/lab.cjs');

let runs = 0;
const interval = setInterval(() => {
  log('run ' + ++runs);
  if (runs === 3) {
    clearInterval(interval);
    setTimeout(() => log('timeout'), 2);
  }
}, 2);
