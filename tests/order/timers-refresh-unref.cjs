// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Refreshing keeps the reference as it is: the unreferenced one does not hold the program, the other does.
const { log } = require('./lib/lab.cjs');

let runs = 0;
const held = setTimeout(() => {
  log('held ' + ++runs);
  if (runs < 3) held.refresh();
}, 5);
const loose = setTimeout(() => log('never'), 2000);
loose.unref();
loose.refresh();
log('has a reference: ' + loose.hasRef() + ', ' + held.hasRef());
process.on('exit', () => log('exit'));
