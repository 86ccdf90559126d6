// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Failed coroutines are told when ticks and microtasks are empty, in the order in which they failed.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => {
  log('uncaught: ' + error.message);
  queueMicrotask(() => log('microtask of the handler'));
});
const fails = async (name, hops) => {
  for (let i = 0; i < hops; ++i)
    await null;
  throw new Error(name);
};
fails('after two', 2);
fails('after one', 1);
fails('at once', 0);
process.nextTick(() => {
  log('tick');
  fails('of the tick', 0);
});
setImmediate(() => {
  log('immediate');
  fails('of the immediate', 1);
});
