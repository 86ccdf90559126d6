// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// But if the callback clears its own timeout, or what it has added, the list goes, and the next of its duration is a new one.
const { attempt } = require('./lib/lab.cjs');

attempt(6, (tie) => {
  const own = tie.start(0, 6, () => {
    tie.say('clears itself')();
    clearTimeout(own);
    tie.fromNow();
    tie.start(0, 6, () => {
      tie.say('clears what it has added')();
      tie.fromNow();
      clearTimeout(tie.start(0, 6, tie.say('never')));
      tie.start(0, 6, tie.say('6, of the second'));
      tie.start(1, 5, tie.say('5, of the second'));
    });
    tie.start(1, 5, tie.say('5'));
    tie.start(2, 4, tie.say('4'));
  });
});
