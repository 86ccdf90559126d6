// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Timers that are due run before the immediates of a turn.
const { log, spin } = require('./lib/lab.cjs');

setImmediate(() => log('immediate'));
setTimeout(() => log('timeout'), 1);
spin(5);
