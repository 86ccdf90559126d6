// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// I/O that a callback of I/O starts completes in a later turn.
const { io, log, spin } = require('./lib/lab.cjs');

io(() => {
  log('first');
  io(() => {
    log('second');
    setImmediate(() => log('immediate of the second'));
  });
  setImmediate(() => log('immediate of the first'));
  spin(20);
});
