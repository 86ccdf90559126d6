// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What is awaited before the microtasks are done is not told.
const { log } = require('./lib/lab.cjs');

process.on('uncaughtException', (error) => log('uncaught: ' + error.message));

const fails = async () => {
  throw new Error('fails');
};
const task = fails();
queueMicrotask(async () => {
  try {
    await task;
  } catch (error) {
    log('caught: ' + error.message);
  }
});
