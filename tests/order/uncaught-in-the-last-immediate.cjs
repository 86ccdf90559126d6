// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of the last immediate: those that it queued run in the same turn.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

setImmediate(() => {
  process.nextTick(() => log('tick'));
  setImmediate(() => {
    log('queued');
    setImmediate(() => log('queued later'));
  });
  setTimeout(() => log('timeout'), 1);
  spin(5);
  throw new Error('immediate');
});
