// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An immediate that fails and queues itself does not keep the loop from its timers.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

let runs = 0;
const again = () => {
  if (++runs < 4)
    setImmediate(again);
  throw new Error('run ' + runs);
};
setTimeout(() => log('timeout'), 1);
setImmediate(() => {
  setTimeout(() => log('second timeout'), 2);
  spin(5);
});
setImmediate(again);
spin(5);
