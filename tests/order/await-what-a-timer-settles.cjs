// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A promise that a timer resolves: ticks come before who awaits it, and microtasks in their order.
const { log } = require('./lib/lab.cjs');

const { promise, resolve } = (() => {
  let resolve;
  return { promise: new Promise((r) => { resolve = r; }), resolve };
})();
(async () => {
  log('awaited: ' + await promise);
})();
setTimeout(() => {
  queueMicrotask(() => log('microtask before'));
  resolve('value');
  queueMicrotask(() => log('microtask after'));
  process.nextTick(() => log('tick'));
  log('timeout');
}, 1);
