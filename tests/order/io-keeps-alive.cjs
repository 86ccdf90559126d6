// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A job of the pool keeps the program alive.
const { io, log } = require('./lib/lab.cjs');

io(() => log('io'));
process.on('beforeExit', () => log('beforeExit'));
