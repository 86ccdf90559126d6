// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener that is added during emit() is called from the next on.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
let added = 0;
emitter.on('event', () => {
  log('first');
  if (++added < 3) {
    const name = 'added ' + added;
    emitter.on('event', () => log(name));
  }
});
emitter.emit('event');
log('again');
emitter.emit('event');
