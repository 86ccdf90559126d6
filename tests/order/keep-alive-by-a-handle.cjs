// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A server that listens keeps the program alive until it is closed.
const { log } = require('./lib/lab.cjs');

const server = require('node:net').createServer();
server.listen(0, '127.0.0.1', () => log('listening'));
setTimeout(() => {
  log('closing');
  server.close(() => log('closed'));
}, 20);
process.on('exit', () => log('exit'));
