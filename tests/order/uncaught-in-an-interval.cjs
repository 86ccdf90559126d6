// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval goes on after an error.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

let runs = 0;
const interval = setInterval(() => {
  if (++runs === 3)
    clearInterval(interval);
  throw new Error('run ' + runs);
}, 2);
