// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// process.exit() in a microtask: those that wait, and the ticks, never run.
const { log } = require('./lib/lab.cjs');

process.on('exit', (code) => {
  log('exit ' + code);
  process.exitCode = 4;
});
setImmediate(() => {
  log('immediate');
  queueMicrotask(() => {
    log('microtask');
    process.nextTick(() => log('never'));
    process.exit(6);
  });
  queueMicrotask(() => log('never'));
});
setImmediate(() => log('never'));
