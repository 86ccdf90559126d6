// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An immediate that an immediate queues waits for the next turn: timers come between.
const { log, spin } = require('./lib/lab.cjs');

setImmediate(() => {
  log('first');
  setImmediate(() => log('queued by the first'));
  setTimeout(() => log('timeout'), 1);
  spin(5);
});
setImmediate(() => log('second'));
