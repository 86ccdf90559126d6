// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timer clears another of its list.
const { log, spin } = require('./lib/lab.cjs');

let second;
setTimeout(() => {
  log('first');
  clearTimeout(second);
}, 5);
second = setTimeout(() => log('second'), 5);
setTimeout(() => log('third'), 5);
spin(10);
