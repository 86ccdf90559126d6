// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Closing, an immediate and a timer in a callback of I/O.
const { closeHandle, io, log, spin } = require('./lib/lab.cjs');

io(() => {
  setTimeout(() => log('timeout'), 0);
  closeHandle(() => log('close'));
  setImmediate(() => log('immediate'));
  log('io');
  spin(5);
});
