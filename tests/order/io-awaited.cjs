// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A coroutine that awaits I/O runs on in a microtask after its completion.
const { io, log, spin } = require('./lib/lab.cjs');

const { promisify } = require('node:util');
(async () => {
  log('before');
  await promisify(io)();
  log('after');
  setImmediate(() => log('immediate'));
  setTimeout(() => log('timeout'), 0);
  spin(5);
  process.nextTick(() => log('tick'));
})();
log('script');
