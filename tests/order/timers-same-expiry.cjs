// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Timers of one duration run in the order in which they were started, with the ticks of each after it.
const { log, spin } = require('./lib/lab.cjs');

for (const name of ['a', 'b', 'c']) {
  setTimeout(() => {
    log(name);
    process.nextTick(() => log('tick of ' + name));
  }, 5);
}
spin(10);
