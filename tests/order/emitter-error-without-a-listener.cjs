// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// error without a listener is thrown by emit().
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
try {
  emitter.emit('error', new Error('nobody listens'));
} catch (error) {
  log('thrown: ' + error.message);
}
emitter.on('error', (error) => log('listener: ' + error.message));
log(emitter.emit('error', new Error('somebody does')));
