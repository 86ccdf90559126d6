// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Without a handler the first error ends the program, with exit and the status 1.
const { log, spin } = require('./lib/lab.cjs');

process.on('beforeExit', () => log('beforeExit'));
process.on('exit', (code) => log('exit ' + code));
setTimeout(() => {
  log('first');
  process.nextTick(() => log('tick'));
  throw new Error('timer');
}, 5);
setTimeout(() => log('second'), 5);
setImmediate(() => log('immediate'));
spin(10);
