// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A captured rejection is thrown in a tick if nobody listens for 'error'; ticks that wait come after it.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));
const emitter = new EventEmitter({ captureRejections: true });
emitter.on('event', async (value) => {
  await null;
  throw new Error('listener ' + value);
});
emitter.emit('event', 1);
emitter.emit('event', 2);
setImmediate(() => log('immediate'));
setTimeout(() => log('timeout'), 20);
