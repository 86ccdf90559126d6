// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// removeListener comes after a listener was removed; all of them go last first.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.on('removeListener', (name) => log('removed: ' + name + ', there are ' + emitter.listenerCount(name)));
const a = () => log('a');
emitter.on('event', a);
emitter.once('event', () => log('b'));
emitter.on('event', () => log('c'));
emitter.on('other', () => {});
emitter.emit('event');
emitter.off('event', a);
emitter.off('event', a);
emitter.removeAllListeners('event');
emitter.on('event', a);
emitter.removeAllListeners();
log('left: ' + emitter.eventNames().length);
