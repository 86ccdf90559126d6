// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An error of the script: what it put off runs at once.
const { log, spin } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

process.nextTick(() => log('tick'));
setTimeout(() => log('timeout'), 1);
spin(5);
throw new Error('script');
