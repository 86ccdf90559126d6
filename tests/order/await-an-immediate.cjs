// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Who awaits an immediate goes on before the next immediate.
const { log } = require('./lib/lab.cjs');

const turn = () => new Promise((resolve) => setImmediate(resolve));
const f = async () => {
  await turn();
  log('awaited');
  setImmediate(() => log('queued after the await'));
};
f();
setImmediate(() => log('immediate'));
