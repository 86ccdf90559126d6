// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a microtask holds up nothing.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

queueMicrotask(() => {
  process.nextTick(() => log('tick'));
  throw new Error('microtask');
});
queueMicrotask(() => log('second microtask'));
