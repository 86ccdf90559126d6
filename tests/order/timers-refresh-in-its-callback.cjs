// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timeout that is refreshed in its own callback is started again, behind what the callback had started before.
const { log, spin } = require('./lib/lab.cjs');

let runs = 0;
const timeout = setTimeout(() => {
  log('run ' + ++runs);
  process.nextTick(() => log('tick'));
  setTimeout(() => log('before'), 5);
  if (runs < 3) timeout.refresh();
  setTimeout(() => log('behind'), 5);
  spin(10);
}, 5);
