// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// One thread in the pool: callbacks and coroutines are called in the order of their jobs, each with its ticks.
process.env.UV_THREADPOOL_SIZE = 1;
const { log, spin } = require('./lib/lab.cjs');

const fs = require('node:fs');

const awaits = async (name) => {
  await fs.promises.stat('.');
  log(name);
  process.nextTick(() => log('tick of ' + name));
};
const calls = (name) => fs.stat('.', () => {
  log(name);
  process.nextTick(() => log('tick of ' + name));
});
calls('callback 1');
awaits('await 1');
calls('callback 2');
awaits('await 2');
setImmediate(() => spin(30));
