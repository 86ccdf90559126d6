// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Thrown in a callback it is an uncaught error, and ends the program.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
process.on('exit', (code) => log('exit ' + code));
setImmediate(() => {
  log('immediate');
  emitter.emit('error', new Error('nobody listens'));
  log('never');
});
setImmediate(() => log('never'));
