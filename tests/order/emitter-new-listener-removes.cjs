// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// 'newListener' tells of once and prepended listeners, too, and what it removes there and then is gone.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
const first = () => log('first');
emitter.on('event', first);
emitter.on('newListener', (name) => {
  log('new: ' + name + ', there are ' + emitter.listenerCount(name));
  if (name === 'event')
    emitter.off('event', first);
});
emitter.on('removeListener', (name) => log('removed: ' + name + ', there are ' + emitter.listenerCount(name)));
emitter.once('event', () => log('once'));
emitter.prependOnceListener('event', () => log('prepended once'));
emitter.emit('event');
log(emitter.emit('event'));
