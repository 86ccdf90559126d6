// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// events.once(): what is emitted next resolves it, some microtasks later; it listens only until then.
const { log } = require('./lib/lab.cjs');
const EventEmitter = require('node:events');

const emitter = new EventEmitter();

async function waits() {
  log('waits');
  const [value] = await EventEmitter.once(emitter, 'event');
  log('got ' + value);
  log('listeners: ' + emitter.listenerCount('event') + ', ' + emitter.listenerCount('error'));
}

function count(from, to) {
  queueMicrotask(() => {
    log('microtask ' + from);
    if (from < to) count(from + 1, to);
  });
}

waits();
log('listeners: ' + emitter.listenerCount('event') + ', ' + emitter.listenerCount('error'));
setImmediate(() => {
  emitter.emit('event', 7);
  log('emitted');
  emitter.emit('event', 8);
  count(1, 4);
  process.nextTick(() => log('tick'));
});
log('script');
