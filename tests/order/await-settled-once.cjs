// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Only the first resolve() or reject() counts.
const { log } = require('./lib/lab.cjs');

let settle;
const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
settle.resolve(1);
settle.resolve(2);
settle.reject(new Error('too late'));
(async () => log(await promise))();
log('script');
