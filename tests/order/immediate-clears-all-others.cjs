// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// One immediate takes back all that are queued, those of the next turn as well, and queues another.
const { log } = require('./lib/lab.cjs');

const others = [];
setImmediate(() => {
  log('first');
  others.push(setImmediate(() => log('never, of the next turn')));
  others.forEach(clearImmediate);
  setImmediate(() => log('last'));
});
for (let i = 0; i < 3; ++i)
  others.push(setImmediate(() => log('never')));
