// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What was cleared stays cleared, also in its own callback; and what was refreshed can be cleared.
const { log, spin } = require('./lib/lab.cjs');

const cleared = setTimeout(() => log('never'), 5);
clearTimeout(cleared);
cleared.refresh();
const inItsCallback = setTimeout(() => {
  log('once');
  clearTimeout(inItsCallback);
  inItsCallback.refresh();
}, 5);
const both = setTimeout(() => {
  log('once too');
  both.refresh();
  clearTimeout(both);
}, 5);
spin(10);
setTimeout(() => log('end'), 30);
