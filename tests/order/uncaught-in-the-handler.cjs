// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of the handler ends the program with the status 7, without exit.
const { log } = require('./lib/lab.cjs');

process.on('exit', (code) => log('exit ' + code));
process.on('uncaughtException', (error) => {
  log('uncaught: ' + error.message);
  throw new Error('again');
});
setTimeout(() => {
  throw new Error('timer');
}, 1);
setTimeout(() => log('never'), 10);
