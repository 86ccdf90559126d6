// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Promise.race() goes on with the first that ends.
const { log } = require('./lib/lab.cjs');

const work = async (name, turns) => {
  for (let i = 0; i < turns; ++i)
    await null;
  log(name + ' ends');
  return name;
};
(async () => log('first: ' + await Promise.race([work('slow', 5), work('quick', 1), work('middle', 3)])))();
