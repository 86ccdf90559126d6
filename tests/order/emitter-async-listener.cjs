// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Without it that error is one that nobody awaits.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');
process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

const emitter = new EventEmitter();
emitter.on('event', async () => {
  log('listener');
  await null;
  throw new Error('async');
});
emitter.on('error', () => log('never'));
emitter.emit('event');
log('script');
