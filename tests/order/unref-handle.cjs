// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A server that is not referenced does not.
const { log } = require('./lib/lab.cjs');

const server = require('node:net').createServer();
server.listen(0, '127.0.0.1', () => log('listening'));
server.unref();
process.on('exit', () => log('exit'));
