// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is not referenced does not let it go on.
const { log } = require('./lib/lab.cjs');

let times = 0;
process.on('beforeExit', () => {
  log('beforeExit ' + ++times);
  setTimeout(() => log('never'), 1).unref();
  setImmediate(() => log('never')).unref();
});
process.on('exit', () => log('exit'));
