// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Promise.all() of what has ended, and of nothing.
const { log } = require('./lib/lab.cjs');

const count = (i) => queueMicrotask(() => {
  log('microtask ' + i);
  if (i < 4)
    count(i + 1);
});
const f = async () => {};
(async () => {
  await Promise.all([]);
  log('none');
})();
(async () => {
  await Promise.all([f(), f(), f()]);
  log('three');
})();
count(1);
