// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An immediate that is not referenced runs in the turn that something else brings about.
const { log, spin } = require('./lib/lab.cjs');

setImmediate(() => log('not referenced')).unref();
setTimeout(() => log('timeout'), 1);
spin(5);
