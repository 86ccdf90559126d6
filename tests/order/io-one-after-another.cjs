// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Completions of a pool with one thread come in the order of their jobs, with the ticks of each after it.
const { io, log, spin } = require('./lib/lab.cjs');

process.env.UV_THREADPOOL_SIZE = '1';
for (const name of ['a', 'b', 'c']) {
  io(() => {
    log(name);
    queueMicrotask(() => log('microtask of ' + name));
    process.nextTick(() => log('tick of ' + name));
  });
}
spin(20);
