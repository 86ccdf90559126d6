// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener that is removed during emit() is still called by it, not by the next.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
const second = () => log('second');
emitter.on('event', () => {
  log('first');
  emitter.off('event', second);
});
emitter.on('event', second);
emitter.on('event', () => log('third'));
emitter.emit('event');
log('again');
emitter.emit('event');
