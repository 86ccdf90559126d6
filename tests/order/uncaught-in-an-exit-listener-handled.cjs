// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The same with a handler: it is called, and the program still ends.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => {
  log('uncaught: ' + error.message);
  setTimeout(() => log('never'), 1);
});
process.on('exit', (code) => {
  log('exit ' + code);
  throw new Error('listener');
});
process.on('exit', () => log('never'));
setTimeout(() => log('timeout'), 1);
