// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// events.once() of something that is emitted before the caller has even returned to the loop.
const { log } = require('./lib/lab.cjs');
const EventEmitter = require('node:events');

const emitter = new EventEmitter();

async function waits() {
  await EventEmitter.once(emitter, 'event');
  log('goes on');
}

function count(from, to) {
  queueMicrotask(() => {
    log('microtask ' + from);
    if (from < to) count(from + 1, to);
  });
}

waits();
emitter.emit('event');
count(1, 5);
log('script');
