// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// With captureRejections a listener that is an async function and fails makes an error, in a tick.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter({ captureRejections: true });
emitter.on('event', async () => {
  log('listener');
  throw new Error('async');
});
emitter.on('event', async () => {
  await null;
  log('second listener');
});
emitter.on('error', (error) => log('error: ' + error.message));
emitter.emit('event');
queueMicrotask(() => {
  log('microtask');
  queueMicrotask(() => log('second microtask'));
});
process.nextTick(() => log('tick'));
log('script');
