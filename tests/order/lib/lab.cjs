// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What the programs of this folder share. Writing is synchronous and leaves the event loop alone, unlike console.log().
const fs = require('node:fs');

exports.log = (line) => fs.writeSync(1, line + '\n');

// Blocks, so that a timer is due although nothing fixes how long a turn takes.
exports.spin = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

// Closes a handle of libuv: `callback` runs in the close phase, as the 'close' of a socket does.
const { TCP, constants } = process.binding('tcp_wrap');
exports.closeHandle = (callback) => new TCP(constants.SOCKET).close(callback);

// One job of the pool and its completion.
exports.io = (callback) => fs.stat('.', callback);
