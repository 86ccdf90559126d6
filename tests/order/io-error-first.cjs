// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error comes as the first argument, and in its own callback.
const { log } = require('./lib/lab.cjs');

const fs = require('node:fs');
fs.writeFile('/nowhere/at/all', 'text', (error) => {
  log(error.code);
  process.nextTick(() => log('tick'));
});
log('script');
process.nextTick(() => log('tick of the script'));
