// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A handler that listens once: the next error is fatal.
const { log } = require('./lib/lab.cjs');

process.once('uncaughtException', (error) => log('uncaught: ' + error.message));
process.on('exit', (code) => log('exit ' + code));
setImmediate(() => {
  log('immediate');
  throw new Error('timer');
});
setImmediate(() => {
  log('second');
  throw new Error('timer');
});
setImmediate(() => log('never'));
