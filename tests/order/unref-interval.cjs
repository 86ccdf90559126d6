// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval that is not referenced runs as long as something else does.
const { log } = require('./lib/lab.cjs');

let runs = 0;
setInterval(() => {
  if (++runs === 1)
    log('interval');
}, 2).unref();
setTimeout(() => log('timeout'), 20);
process.on('exit', () => log('exit'));
