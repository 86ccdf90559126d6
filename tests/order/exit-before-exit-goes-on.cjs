// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What beforeExit starts lets the program go on, and it comes again; what is done by then does not.
const { log } = require('./lib/lab.cjs');

let times = 0;
process.on('beforeExit', () => {
  log('beforeExit ' + ++times);
  if (times === 1)
    setTimeout(() => log('timeout'), 1);
  else if (times === 2)
    setImmediate(() => log('immediate'));
  else
    process.nextTick(() => log('tick'));
});
process.on('exit', () => log('exit'));
