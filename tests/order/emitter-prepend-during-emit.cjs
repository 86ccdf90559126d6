// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is prepended during emit() is called by the next one.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.once('event', () => {
  log('once');
  emitter.prependListener('event', () => log('prepended'));
  emitter.prependOnceListener('event', () => log('prepended once'));
});
emitter.on('event', () => log('always'));
for (let i = 0; i < 3; ++i) {
  log('emit');
  emitter.emit('event');
}
