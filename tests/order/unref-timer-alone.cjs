// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// With nothing but such a timer the program ends at once.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => log('never'), 1).unref();
process.on('exit', () => log('exit'));
spin(5);
