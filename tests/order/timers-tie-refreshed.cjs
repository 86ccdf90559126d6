// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A list keeps its expiry when its first timeout is refreshed. When it expires it waits anew, behind those of its new
// expiry that were made meanwhile; so do the later ones of a list of which some have run.
const { attempt } = require('./lib/lab.cjs');

attempt(5, (tie) => {
  const refreshed = tie.start(0, 22, tie.say('22, refreshed'));
  tie.start(1, 21, () => {
    tie.before(26);
    tie.say('21')();
  });
  tie.refresh(4, refreshed);
  tie.start(4, 22, tie.say('22, too'));
  tie.start(5, 21, tie.say('21, too'));
  tie.start(6, 20, tie.say('20'));
});
