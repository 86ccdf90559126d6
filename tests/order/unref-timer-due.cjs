// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// One that is due when the last callback has run still runs: timers are looked at before the end is.
const { log, spin } = require('./lib/lab.cjs');

setImmediate(() => {
  log('immediate');
  setTimeout(() => {
    log('not referenced');
    setImmediate(() => log('and goes on'));
  }, 5).unref();
  spin(20);
});
