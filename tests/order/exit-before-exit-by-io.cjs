// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Whatever a listener of 'beforeExit' starts lets the program go on: I/O, a closing handle, a coroutine; but no microtask.
const { closeHandle, io, log } = require('./lib/lab.cjs');

let times = 0;
process.on('beforeExit', () => {
  log('beforeExit ' + ++times);
  if (times === 1)
    io(() => log('io'));
  else if (times === 2)
    closeHandle(() => log('close'));
  else if (times === 3)
    (async () => {
      await null;
      log('microtask');
      setImmediate(() => log('immediate'));
    })();
  else
    queueMicrotask(() => log('last microtask'));
});
process.on('exit', () => log('exit'));
