// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// ref() takes unref() back; each may be called twice.
const { log } = require('./lib/lab.cjs');

const timer = setTimeout(() => log('timer'), 5);
timer.unref();
timer.unref();
log(timer.hasRef());
timer.ref();
timer.ref();
log(timer.hasRef());
process.on('exit', () => log('exit'));
