// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timer that is started in the timers phase and due before it ends does not run in it: the check phase comes first.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => {
  log('first');
  setTimeout(() => log('nested'), 1);
  setImmediate(() => log('immediate'));
  spin(20);
}, 1);
