// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener of 'exit' that throws: those after it are not called, and the status says so.
const { log } = require('./lib/lab.cjs');

process.on('exit', (code) => {
  log('exit ' + code);
  throw new Error('timer');
});
process.on('exit', () => log('never'));
setTimeout(() => log('timeout'), 1);
