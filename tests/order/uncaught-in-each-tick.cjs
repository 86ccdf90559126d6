// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Each tick that fails is told, and none is lost.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

for (let i = 1; i <= 4; ++i) {
  process.nextTick(() => {
    log('tick ' + i);
    if (i !== 3)
      throw new Error('tick ' + i);
  });
}
process.on('exit', () => log('exit'));
