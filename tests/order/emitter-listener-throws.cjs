// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What a listener throws goes to whoever emits; those after it are not called.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');
process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

const emitter = new EventEmitter();
emitter.on('event', () => log('first'));
emitter.on('event', () => {
  throw new Error('second');
});
emitter.on('event', () => log('never'));
try {
  emitter.emit('event');
} catch (error) {
  log('caught: ' + error.message);
}
setImmediate(() => emitter.emit('event'));
setImmediate(() => log('immediate'));
