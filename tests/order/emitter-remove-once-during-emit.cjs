// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// So is one for one time; and all of them.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
const once = () => log('once');
emitter.on('event', () => {
  log('first');
  emitter.removeListener('event', once);
  emitter.removeAllListeners();
  log('left: ' + emitter.listenerCount('event'));
});
emitter.once('event', once);
emitter.on('event', () => log('last'));
emitter.emit('event');
log(emitter.emit('event'));
