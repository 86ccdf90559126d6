// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A delay that is no delay, or too long a one, is 1 ms.
const { log } = require('./lib/lab.cjs');

setTimeout(() => log('0'), 0);
setTimeout(() => log('1'), 1);
setTimeout(() => log('-5'), -5);
setTimeout(() => log('2 ** 31'), 2 ** 31);
setTimeout(() => log('1 again'), 1);
