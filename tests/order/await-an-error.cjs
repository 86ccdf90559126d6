// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error that is awaited arrives where a value would, as late.
const { log } = require('./lib/lab.cjs');

const fails = async (late) => {
  if (late)
    await null;
  throw new Error(late ? 'late' : 'at once');
};
const f = async (late) => {
  try {
    await fails(late);
    log('never');
  } catch (error) {
    log('caught: ' + error.message);
  } finally {
    log('finally');
  }
};
f(false);
f(true);
queueMicrotask(() => log('microtask'));
log('script');
