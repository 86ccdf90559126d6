// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What becomes due while the timers phase runs waits for the next turn: the phase looks at the clock once, at its start.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => {
  log('5');
  setImmediate(() => log('immediate'));
  spin(1100);
}, 5);
setTimeout(() => log('1000'), 1000);
