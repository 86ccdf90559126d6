// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval that is refreshed before it is due begins anew; in its own callback that changes nothing.
const { log, spin } = require('./lib/lab.cjs');

let runs = 0;
const interval = setInterval(() => {
  log('run ' + ++runs);
  interval.refresh();
  if (runs === 3) clearInterval(interval);
}, 10);
setTimeout(() => log('timeout of 10'), 10);
spin(6);
interval.refresh();
setTimeout(() => log('timeout of 7'), 7);
spin(20);
