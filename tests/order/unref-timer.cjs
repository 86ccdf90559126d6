// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timer that is not referenced does not keep the program alive.
const { log } = require('./lib/lab.cjs');

setTimeout(() => log('never'), 3_600_000).unref();
setTimeout(() => log('last'), 2);
process.on('exit', () => log('exit'));
