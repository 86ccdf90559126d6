// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener that throws in the callback of some I/O: the others are not called, ticks wait, the loop goes on.
const { io, log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));
const emitter = new EventEmitter();
emitter.on('event', () => {
  log('first');
  process.nextTick(() => log('tick'));
});
emitter.on('event', () => {
  queueMicrotask(() => log('microtask'));
  throw new Error('second');
});
emitter.on('event', () => log('never'));
io(() => {
  setImmediate(() => log('immediate'));
  emitter.emit('event');
  log('never');
});
