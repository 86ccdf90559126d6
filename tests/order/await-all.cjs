// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Promise.all() goes on two microtasks after the last one.
const { log } = require('./lib/lab.cjs');

const work = async (name, turns) => {
  for (let i = 0; i < turns; ++i)
    await null;
  log(name + ' ends');
  return name;
};
const count = (i) => queueMicrotask(() => {
  log('microtask ' + i);
  if (i < 6)
    count(i + 1);
});
(async () => {
  const all = await Promise.all([work('a', 3), work('b', 0), work('c', 1)]);
  log(all.join(' '));
})();
count(1);
