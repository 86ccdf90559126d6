// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// prependListener() puts in front, each time.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.on('event', () => log('a'));
emitter.prependListener('event', () => log('b'));
emitter.prependOnceListener('event', () => log('c'));
emitter.on('event', () => log('d'));
emitter.emit('event');
log('again');
emitter.emit('event');
