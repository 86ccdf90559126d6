// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Close callbacks end the turn.
const { closeHandle, log } = require('./lib/lab.cjs');

closeHandle(() => {
  log('close');
  process.nextTick(() => log('tick'));
});
setImmediate(() => log('immediate'));
