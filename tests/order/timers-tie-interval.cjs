// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// An interval comes back into its list behind what its callback has started, and before what its ticks start.
const { attempt } = require('./lib/lab.cjs');

attempt(5, (tie) => {
  let runs = 0;
  const interval = setInterval(() => {
    tie.say(`interval ${++runs}`)();
    if (runs > 1) {
      clearInterval(interval);
      return;
    }
    tie.fromNow();
    tie.start(1, 7, tie.say('7'));
    process.nextTick(() => {
      tie.check(interval._idleStart === tie.zero);
      tie.start(2, 6, tie.say('6, of a tick'));
      tie.start(3, 5, tie.say('5, of a tick'));
    });
  }, 8);
});
