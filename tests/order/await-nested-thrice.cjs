// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A value comes up through three coroutines, one microtask for each; beside them a chain of microtasks counts.
const { log } = require('./lib/lab.cjs');

const inner = async () => {
  await null;
  log('inner');
  return 1;
};
const middle = async () => {
  const value = await inner() + 1;
  log('middle');
  return value;
};
const outer = async () => {
  log('outer: ' + (await middle() + 1));
};
const count = (n) => {
  log('microtask ' + n);
  if (n < 5)
    queueMicrotask(() => count(n + 1));
};
outer();
queueMicrotask(() => count(1));
process.nextTick(() => log('tick'));
