// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Ticks and microtasks run after each immediate.
const { log } = require('./lib/lab.cjs');

for (const name of ['a', 'b']) {
  setImmediate(() => {
    log(name);
    queueMicrotask(() => log('microtask of ' + name));
    process.nextTick(() => log('tick of ' + name));
  });
}
