// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// newListener comes before the listener is added: what it adds comes before that.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.once('newListener', (name) => {
  log('new: ' + name + ', there are ' + emitter.listenerCount(name));
  emitter.on(name, () => log('added by newListener'));
});
emitter.on('event', () => log('added'));
emitter.emit('event');
emitter.on('newListener', (name) => log('new again: ' + name));
emitter.on('newListener', (name) => log('new, too: ' + name));
emitter.once('event', () => log('third'));
emitter.emit('event');
