// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Each async function that ends lets the one that awaits it go on a microtask later.
const { log } = require('./lib/lab.cjs');

const inner = async () => {
  await null;
  log('inner ends');
};
const middle = async () => {
  await inner();
  log('middle ends');
};
const outer = async () => {
  await middle();
  log('outer ends');
};
outer();
const count = (i) => queueMicrotask(() => {
  log('microtask ' + i);
  if (i < 5)
    count(i + 1);
});
count(1);
