// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// process.exit() in a listener of 'beforeExit': 'exit' comes at once, and nothing after it.
const { log } = require('./lib/lab.cjs');

process.on('beforeExit', () => {
  log('beforeExit');
  setTimeout(() => log('never'), 1);
  process.nextTick(() => log('never'));
  process.exit(3);
});
process.on('exit', (code) => {
  log('exit ' + code);
  process.nextTick(() => log('never'));
});
