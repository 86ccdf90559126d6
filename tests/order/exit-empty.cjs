// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A program that does nothing: beforeExit, then exit.
const { log } = require('./lib/lab.cjs');

process.on('exit', (code) => log('exit ' + code));
process.on('beforeExit', (code) => log('beforeExit ' + code));
log('script');
