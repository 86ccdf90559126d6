// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A handle that a close callback closes is done in the next turn.
const { closeHandle, log, spin } = require('./lib/lab.cjs');

closeHandle(() => {
  log('close');
  closeHandle(() => log('nested'));
  setImmediate(() => log('immediate'));
  setTimeout(() => log('timeout'), 1);
  spin(5);
});
