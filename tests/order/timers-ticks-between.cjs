// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Ticks, then microtasks, run after each timer.
const { log, spin } = require('./lib/lab.cjs');

for (const name of ['a', 'b']) {
  setTimeout(() => {
    log(name);
    queueMicrotask(() => log('microtask of ' + name));
    process.nextTick(() => log('tick of ' + name));
  }, 5);
}
spin(10);
