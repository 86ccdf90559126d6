// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Alone it never runs.
const { log } = require('./lib/lab.cjs');

setImmediate(() => log('never')).unref();
process.on('exit', () => log('exit'));
