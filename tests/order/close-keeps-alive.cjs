// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A handle that closes keeps the program alive until its callback has run.
const { closeHandle, log } = require('./lib/lab.cjs');

setTimeout(() => {
  closeHandle(() => log('close'));
  log('timeout');
}, 1);
process.on('beforeExit', () => log('beforeExit'));
