// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// So does an async function that fails and that nobody awaits, when the microtasks are done.
const { log } = require('./lib/lab.cjs');

process.on('exit', (code) => log('exit ' + code));
(async () => {
  throw new Error('async');
})();
process.nextTick(() => log('tick'));
queueMicrotask(() => log('microtask'));
setImmediate(() => log('immediate'));
