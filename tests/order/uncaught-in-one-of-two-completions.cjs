// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a completion: the next one runs, then the ticks.
const { io, log, spin } = require('./lib/lab.cjs');

process.env.UV_THREADPOOL_SIZE = '1';
process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

io(() => {
  process.nextTick(() => log('tick'));
  setImmediate(() => log('immediate'));
  throw new Error('first');
});
io(() => log('second'));
spin(20);
