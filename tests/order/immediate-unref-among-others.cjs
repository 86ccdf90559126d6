// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An immediate that is not referenced runs with those that are; alone it does not make a turn.
const { log } = require('./lib/lab.cjs');

setImmediate(() => {
  log('first');
  setImmediate(() => log('unref')).unref();
  setImmediate(() => {
    log('second');
    setImmediate(() => log('never')).unref();
  });
});
process.on('exit', () => log('exit'));
