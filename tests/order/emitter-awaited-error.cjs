// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// While events.once() waits, an 'error' rejects it; waiting for 'error' itself is resolved by it.
const { log } = require('./lib/lab.cjs');
const EventEmitter = require('node:events');

const emitter = new EventEmitter();

async function waits() {
  try {
    await EventEmitter.once(emitter, 'event');
    log('never');
  } catch (error) {
    log('caught: ' + error.message);
  }
  log('listeners: ' + emitter.listenerCount('event') + ', ' + emitter.listenerCount('error'));
  setImmediate(() => emitter.emit('error', new Error('second')));
  const [error] = await EventEmitter.once(emitter, 'error');
  log('got: ' + error.message);
  log('listeners: ' + emitter.listenerCount('event') + ', ' + emitter.listenerCount('error'));
}

waits();
setImmediate(() => {
  emitter.emit('error', new Error('first'));
  log('emitted');
  queueMicrotask(() => log('microtask'));
});
