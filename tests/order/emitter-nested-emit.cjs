// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// emit() in a listener runs whole in between; what is for one time is called once.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
let depth = 0;
emitter.on('event', () => {
  log('a' + ++depth);
  if (depth < 3)
    emitter.emit('event');
  log('a ends');
});
emitter.once('event', () => log('once'));
emitter.on('event', () => log('b'));
emitter.emit('event');
