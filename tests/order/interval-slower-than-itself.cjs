// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval whose callback takes longer than it runs once a turn: immediates come between.
const { log, spin } = require('./lib/lab.cjs');

let runs = 0;
const interval = setInterval(() => {
  const run = ++runs;
  log('interval ' + run);
  setImmediate(() => log('immediate ' + run));
  if (run === 3)
    clearInterval(interval);
  spin(10);
}, 1);
