// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Clearing what runs, has run, or was cleared does nothing.
const { log } = require('./lib/lab.cjs');

const own = setTimeout(() => {
  log('own');
  clearTimeout(own);
  clearTimeout(own);
}, 1);
const never = setTimeout(() => log('never'), 1);
clearTimeout(never);
clearTimeout(never);
setTimeout(() => {
  clearTimeout(own);
  log('later');
}, 10);
