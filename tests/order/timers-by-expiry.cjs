// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is due earlier runs earlier, however late it is.
const { log, spin } = require('./lib/lab.cjs');

let timers = [];
let began;
do { // once more if the machine comes in between, and what is started later would be due later
  timers.forEach(clearTimeout);
  began = performance.now();
  timers = [15, 5, 10].map((ms) => setTimeout(() => log(`${ms}`), ms));
} while (performance.now() - began > 2);
spin(30);
