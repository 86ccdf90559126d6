// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timer that a timer starts comes behind its list.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => {
  log('a');
  setTimeout(() => {
    log('nested');
    setTimeout(() => log('nested twice'), 5);
  }, 5);
}, 5);
setTimeout(() => log('b'), 5);
spin(10);
