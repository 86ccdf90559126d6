// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timer clears the only one of a list that is due as well.
const { log, spin } = require('./lib/lab.cjs');

let other;
setTimeout(() => {
  log('5');
  clearTimeout(other);
}, 5);
other = setTimeout(() => log('7'), 7);
setTimeout(() => log('9'), 9);
spin(20);
