// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An immediate clears one that waits in the same turn, and one that was queued just now.
const { log } = require('./lib/lab.cjs');

let second;
setImmediate(() => {
  log('first');
  clearImmediate(second);
  const fresh = setImmediate(() => log('never'));
  clearImmediate(fresh);
});
second = setImmediate(() => log('second'));
setImmediate(() => log('third'));
