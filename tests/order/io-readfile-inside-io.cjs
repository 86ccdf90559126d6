// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What a callback of I/O reads arrives after the immediate and the timer that are due.
const { io, log, spin } = require('./lib/lab.cjs');

const fs = require('node:fs');
io(() => {
  fs.readFile(__filename, (error, bytes) => log('read ' + (error ? error.code : bytes.length > 0)));
  setImmediate(() => log('immediate'));
  setTimeout(() => log('timeout'), 0);
  log('io');
  spin(20);
});
