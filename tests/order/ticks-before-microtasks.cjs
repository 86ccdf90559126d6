// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is put off until after the script: ticks, then microtasks.
const { log } = require('./lib/lab.cjs');

queueMicrotask(() => log('microtask'));
process.nextTick(() => log('tick'));
Promise.resolve().then(() => log('promise'));
process.nextTick(() => log('second tick'));
log('script');
