// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What nobody awaits is told when ticks and microtasks are done, all of it, then the ticks that this queued.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => {
  log('uncaught: ' + error.message);
  process.nextTick(() => log('tick of the handler'));
});
const fails = async (name, late) => {
  if (late)
    await null;
  throw new Error(name);
};
fails('first');
fails('second', true);
process.nextTick(() => log('tick'));
queueMicrotask(() => log('microtask'));
log('script');
