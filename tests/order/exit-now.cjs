// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// process.exit() ends the program there, without beforeExit.
const { log, spin } = require('./lib/lab.cjs');

process.on('beforeExit', () => log('beforeExit'));
process.on('exit', (code) => log('exit ' + code));
setTimeout(() => {
  log('first');
  process.nextTick(() => log('tick'));
  process.exit(5);
}, 5);
setTimeout(() => log('second'), 5);
setImmediate(() => log('immediate'));
spin(10);
