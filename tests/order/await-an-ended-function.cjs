// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// await of an async function that has ended takes one microtask.
const { log } = require('./lib/lab.cjs');

const done = async () => log('inner');
const outer = async () => {
  log('outer');
  await done();
  log('outer goes on');
};
outer();
process.nextTick(() => log('tick'));
queueMicrotask(() => log('microtask'));
log('script');
