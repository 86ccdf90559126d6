// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A file's life, callback by callback; ticks and microtasks of each come before the next.
const { log } = require('./lib/lab.cjs');

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const folder = path.join(os.tmpdir(), 'order-fs-callbacks-' + process.pid);
const file = path.join(folder, 'note');
const step = (name, error, value, next) => {
  log(name + ': ' + (error ? error.code : value ?? 'done'));
  queueMicrotask(() => log('microtask of ' + name));
  process.nextTick(() => log('tick of ' + name));
  next?.();
};
fs.mkdir(folder, (error) => step('mkdir', error, null, () =>
  fs.mkdir(folder, (error) => step('mkdir again', error, null, () =>
    fs.writeFile(file, 'one', (error) => step('writeFile', error, null, () =>
      fs.appendFile(file, ' two', (error) => step('appendFile', error, null, () =>
        fs.stat(file, (error, stats) => step('stat', error, stats?.size, () =>
          fs.readdir(folder, (error, names) => step('readdir', error, names?.join(), () =>
            fs.readFile(file, (error, bytes) => step('readFile', error, bytes?.toString(), () =>
              fs.unlink(file, (error) => step('unlink', error, null, () =>
                fs.unlink(file, (error) => step('unlink again', error, null, () =>
                  fs.rmdirSync(folder)))))))))))))))))));
