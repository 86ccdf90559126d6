// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The handle that was closed last says so first.
const { closeHandle, log } = require('./lib/lab.cjs');

closeHandle(() => log('first'));
closeHandle(() => {
  log('second');
  process.nextTick(() => log('tick of the second'));
});
closeHandle(() => log('third'));
