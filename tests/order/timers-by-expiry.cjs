// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is due earlier runs earlier, however late it is.
const { log, spin } = require('./lib/lab.cjs');

setTimeout(() => log('15'), 15);
setTimeout(() => log('5'), 5);
setTimeout(() => log('10'), 10);
spin(30);
