// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Two async functions take turns, microtask by microtask.
const { log } = require('./lib/lab.cjs');

const f = async (name) => {
  for (let i = 1; i <= 3; ++i) {
    log(name + i);
    await null;
  }
};
f('a').then(() => log('a ended'));
f('b').then(() => log('b ended'));
