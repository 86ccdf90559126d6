// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A timeout that is refreshed counts anew, behind those of its delay. The list that it is in keeps its place among the
// lists, also where it is the only one in it.
const { log, spin } = require('./lib/lab.cjs');

const first = setTimeout(() => log('first of 20'), 20);
setTimeout(() => log('second of 20'), 20);
const alone = setTimeout(() => log('alone of 25'), 25);
setTimeout(() => log('30'), 30);
spin(10);
first.refresh();
setTimeout(() => log('third of 20'), 20);
first.refresh();
alone.refresh();
spin(60);
