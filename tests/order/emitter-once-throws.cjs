// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A once listener is removed before it is called: one that throws is not called again; those after it are not called.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
emitter.on('removeListener', (name) => log('removed: ' + name + ', there are ' + emitter.listenerCount(name)));
emitter.once('event', () => {
  log('once');
  throw new Error('first');
});
emitter.on('event', () => log('second'));
for (let i = 0; i < 2; ++i) {
  try {
    log(emitter.emit('event'));
  } catch (error) {
    log('thrown: ' + error.message);
  }
}
