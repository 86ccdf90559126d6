// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A microtask of one timer takes back the next of its list, and a tick of that microtask the one after it.
const { log, spin } = require('./lib/lab.cjs');

let second, third;
setTimeout(() => {
  log('first');
  queueMicrotask(() => {
    log('microtask');
    clearTimeout(second);
    process.nextTick(() => {
      log('tick');
      clearTimeout(third);
    });
  });
}, 5);
second = setTimeout(() => log('second'), 5);
third = setTimeout(() => log('third'), 5);
setTimeout(() => log('fourth'), 5);
spin(10);
