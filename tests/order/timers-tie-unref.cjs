// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// A list is left when its last timeout is cleared that has no reference: the next of its duration finds it, and expires
// when the old one would have.
const { attempt } = require('./lib/lab.cjs');

attempt(5, (tie) => {
  const loose = tie.start(0, 22, tie.say('never'));
  loose?.unref();
  clearTimeout(loose);
  clearTimeout(tie.start(0, 21, tie.say('never')));
  tie.start(1, 21, () => {
    tie.before(25);
    tie.say('21')();
  });
  tie.start(3, 22, tie.say('22'));
  tie.start(4, 21, tie.say('21, too'));
  tie.start(5, 20, tie.say('20'));
  tie.start(6, 19, tie.say('19'));
});
