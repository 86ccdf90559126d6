// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The eleventh listener of an event is warned of, once, in a tick.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

process.on('warning', (warning) => log(warning.name + ': ' + warning.message));
const emitter = new EventEmitter();
for (let i = 0; i < 13; ++i)
  emitter.on('event', () => {});
for (let i = 0; i < 10; ++i)
  emitter.on('few', () => {});
const many = new EventEmitter();
many.setMaxListeners(0);
for (let i = 0; i < 20; ++i)
  many.on('event', () => {});
log('script');
