// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A tick after an immediate clears the next one.
const { log } = require('./lib/lab.cjs');

let second;
setImmediate(() => {
  log('first');
  process.nextTick(() => {
    log('tick');
    clearImmediate(second);
  });
});
second = setImmediate(() => log('second'));
setImmediate(() => log('third'));
