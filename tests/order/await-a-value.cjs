// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// await of a plain value, or of a promise that is resolved, takes one microtask.
const { log } = require('./lib/lab.cjs');

const f = async (name, value) => {
  log(name + ' starts');
  await value;
  log(name + ' goes on');
  await value;
  log(name + ' ends');
};
f('plain', 1);
queueMicrotask(() => log('microtask'));
f('promise', Promise.resolve());
queueMicrotask(() => log('second microtask'));
log('script');
