// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Messages wait for the thread to be online, and come in order; those after the port is closed are lost.
const { log } = require('./lib/lab.cjs');

const { Worker } = require('node:worker_threads');

const worker = new Worker(`
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage('ready');
  parentPort.on('message', (message) => {
    if (message === 'end')
      parentPort.close();
    else
      parentPort.postMessage('echo of ' + message);
  });
`, { eval: true });
worker.on('online', () => log('online'));
worker.on('message', (message) => log(message));
worker.on('exit', (code) => log('exit ' + code));
for (const message of ['a', 'b', 'c', 'end', 'too late'])
  worker.postMessage(message);
log('script');
