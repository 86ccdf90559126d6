// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Who awaits a timer goes on before the next timer of its list.
const { log, spin } = require('./lib/lab.cjs');

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
(async () => {
  await sleep(5);
  log('slept');
  await sleep(5);
  log('slept again');
})();
setTimeout(() => log('timeout'), 5);
spin(10);
