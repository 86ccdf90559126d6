// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// errorMonitor sees an error first, and does not count as a listener of it.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.on(EventEmitter.errorMonitor, (error) => log('monitor: ' + error.message));
try {
  emitter.emit('error', new Error('first'));
} catch (error) {
  log('thrown: ' + error.message);
}
emitter.prependListener('error', (error) => log('listener: ' + error.message));
emitter.emit('error', new Error('second'));
