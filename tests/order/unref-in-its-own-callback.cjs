// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval that lets go of itself runs as long as something else does; one that a timer refs again keeps the program.
const { log } = require('./lib/lab.cjs');

let runs = 0;
const interval = setInterval(() => {
  if (++runs === 1) {
    log('interval');
    interval.unref();
    log(interval.hasRef());
  }
  if (runs > 1 && interval.hasRef()) {
    log('again');
    clearInterval(interval);
  }
}, 1);
const gone = setInterval(() => {}, 1);
setTimeout(() => {
  log('timeout');
  interval.ref();
  gone.unref();
}, 20);
process.on('exit', () => log('exit'));
