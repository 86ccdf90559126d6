// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// The list is looked at before the ticks of the callback run: there its last timeout has taken it along.
const { attempt } = require('./lib/lab.cjs');

attempt(7, (tie) => {
  tie.start(0, 6, () => {
    tie.say('callback')();
    process.nextTick(() => {
      tie.say('tick')();
      tie.fromNow();
      tie.start(0, 6, () => {
        tie.say('6')();
        tie.fromNow();
        tie.start(0, 6, tie.say('6, added'));
        process.nextTick(() => tie.start(1, 5, tie.say('5, of a tick')));
      });
      tie.start(1, 5, tie.say('5'));
      tie.start(2, 4, tie.say('4'));
    });
  });
});
