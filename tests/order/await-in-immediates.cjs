// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What an immediate awaits runs on before the next immediate, its ticks first.
const { log } = require('./lib/lab.cjs');

for (const name of ['a', 'b']) {
  setImmediate(async () => {
    log(name);
    process.nextTick(() => log('tick of ' + name));
    await null;
    log(name + ' goes on');
    setImmediate(() => log('immediate of ' + name));
    await null;
    log(name + ' ends');
  });
}
