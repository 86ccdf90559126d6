// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error goes up through coroutines that do not catch it, and one that does goes on.
const { log } = require('./lib/lab.cjs');

const inner = async () => {
  await null;
  throw new Error('inner');
};
const middle = async () => {
  try {
    await inner();
  } finally {
    log('finally');
  }
};
const outer = async () => {
  try {
    await middle();
  } catch (error) {
    log('caught: ' + error.message);
  }
  await null;
  log('goes on');
};
const count = (n) => {
  log('microtask ' + n);
  if (n < 5)
    queueMicrotask(() => count(n + 1));
};
outer();
queueMicrotask(() => count(1));
