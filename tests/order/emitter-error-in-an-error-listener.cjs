// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A listener of 'error' that emits 'error' calls itself; one that throws ends emit() there.
const { log } = require('./lib/lab.cjs');

const EventEmitter = require('node:events');

const emitter = new EventEmitter();
let depth = 0;
emitter.on('error', (error) => {
  log('first: ' + error.message);
  if (++depth < 3)
    emitter.emit('error', new Error('again ' + depth));
  else
    throw new Error('enough');
});
emitter.on('error', () => log('never'));
try {
  emitter.emit('error', new Error('one'));
} catch (error) {
  log('thrown: ' + error.message);
}
emitter.removeAllListeners('error');
try {
  emitter.emit('error', new Error('two'));
} catch (error) {
  log('thrown: ' + error.message);
}
