// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The list of a timeout whose callback runs is there still. What the callback adds to it expires when the list is looked at
// again: behind lists of the same millisecond that the callback has made.
const { attempt } = require('./lib/lab.cjs');

attempt(4, (tie) => {
  tie.start(0, 6, () => {
    tie.say('callback')();
    tie.fromNow();
    tie.start(0, 6, tie.say('6'));
    tie.start(1, 5, tie.say('5'));
    tie.start(2, 4, tie.say('4'));
  });
});
