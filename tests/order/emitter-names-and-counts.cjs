// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// eventNames() is in the order of the first listeners; an event without a listener is none.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
const show = () => log(emitter.eventNames().map((name) => name + ':' + emitter.listenerCount(name)).join(' '));
const gone = () => {};
emitter.on('a', gone);
emitter.once('b', () => {});
emitter.on('a', () => {});
emitter.on('c', () => {});
show();
emitter.emit('b');
show();
emitter.off('a', gone);
show();
emitter.removeAllListeners('a');
emitter.on('b', () => {});
emitter.on('a', () => {});
show();
