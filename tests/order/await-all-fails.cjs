// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Promise.all() fails with the first error; the others go on.
const { log } = require('./lib/lab.cjs');

const work = async (name, turns, fails) => {
  for (let i = 0; i < turns; ++i)
    await null;
  log(name + ' ends');
  if (fails)
    throw new Error(name);
};
(async () => {
  try {
    await Promise.all([work('slow', 9), work('late error', 3, true), work('error', 1, true)]);
  } catch (error) {
    log('failed: ' + error.message);
  }
})();
