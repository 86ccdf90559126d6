// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of a close callback: the ticks wait for the next one.
const { closeHandle, log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

closeHandle(() => log('first'));
closeHandle(() => {
  process.nextTick(() => log('tick'));
  throw new Error('second');
});
