// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What goes on after an await queues ticks: all microtasks come first.
const { log } = require('./lib/lab.cjs');

const f = async (name) => {
  await null;
  process.nextTick(() => log('tick of ' + name));
  log(name);
  await null;
  log(name + ' again');
};
f('a');
f('b');
process.nextTick(() => log('tick of the script'));
