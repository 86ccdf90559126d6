// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener for one time is removed before it is called.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.once('event', () => {
  log('once, listeners left: ' + emitter.listenerCount('event'));
  emitter.emit('event');
});
emitter.on('event', () => log('always'));
emitter.emit('event');
emitter.emit('event');
