// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Started one after the other, awaited later.
const { log } = require('./lib/lab.cjs');

const work = async (name, turns) => {
  for (let i = 0; i < turns; ++i)
    await null;
  log(name + ' ends');
  return name;
};
(async () => {
  const slow = work('slow', 4);
  const quick = work('quick', 1);
  log('started');
  log('got ' + await slow);
  log('got ' + await quick);
})();
