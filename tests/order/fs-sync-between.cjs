// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A blocking call is done when it returns, whatever waits; its error is thrown or given there.
const { log } = require('./lib/lab.cjs');

const fs = require('node:fs');

process.nextTick(() => log('tick'));
try {
  fs.readFileSync('/nowhere/at/all');
} catch (error) {
  log('readFileSync: ' + error.code);
}
log('statSync: ' + fs.statSync('/').isDirectory());
fs.readFile('/nowhere/at/all', (error) => {
  log('readFile: ' + error.code);
  try {
    fs.readdirSync('/nowhere');
  } catch (error) {
    log('readdirSync: ' + error.code);
  }
});
