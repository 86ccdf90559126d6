// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// process.exitCode is what the program ends with.
const { log } = require('./lib/lab.cjs');

process.exitCode = 3;
process.on('beforeExit', (code) => log('beforeExit ' + code));
process.on('exit', (code) => {
  log('exit ' + code);
  process.exitCode = 4;
});
