// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a beforeExit listener is told, and what it started counts.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

let times = 0;
process.on('beforeExit', () => {
  log('beforeExit ' + ++times);
  if (times === 1) {
    setTimeout(() => log('timeout'), 1);
    throw new Error('listener');
  }
});
process.on('exit', (code) => log('exit ' + code));
