// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Timers of one duration are one list: all of it that is due runs before the next list.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => log('5 a'), 5);
setTimeout(() => log('10'), 10);
spin(3);
setTimeout(() => log('5 b'), 5);
spin(20);
