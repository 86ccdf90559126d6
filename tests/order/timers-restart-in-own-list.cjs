// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A callback empties the rest of its own list and starts others of the same delay: they wait for their own time.
const { log, spin } = require('./lib/lab.cjs');

let second, third;
setTimeout(() => {
  log('first');
  clearTimeout(second);
  clearTimeout(third);
  setTimeout(() => log('new'), 5);
  setTimeout(() => log('new, too'), 5);
  setImmediate(() => log('immediate'));
  spin(10);
}, 5);
second = setTimeout(() => log('second'), 5);
third = setTimeout(() => log('third'), 5);
spin(10);
