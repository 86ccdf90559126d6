// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval that another timer of its list clears never runs.
const { log, spin } = require('./lib/lab.cjs');

let interval;
setTimeout(() => {
  log('timeout');
  clearInterval(interval);
}, 3);
interval = setInterval(() => log('interval'), 3);
spin(8);
