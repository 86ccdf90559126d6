// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// emit() calls the listeners now, in the order in which they were added.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.on('event', (value) => {
  log('first ' + value);
  process.nextTick(() => log('tick'));
});
emitter.addListener('event', (value) => log('second ' + value));
log('before');
log(emitter.emit('event', 7));
log('after');
log(emitter.emit('other'));
