// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// Lists that expire in the same millisecond run in the order in which they were made, whichever are cleared in between.
const { attempt } = require('./lib/lab.cjs');

attempt(5, (tie) => {
  tie.start(0, 30, tie.say('30'));
  const second = tie.start(1, 29, tie.say('never'));
  tie.start(2, 28, tie.say('28'));
  tie.start(3, 27, tie.say('27'));
  clearTimeout(second);
  tie.start(4, 26, tie.say('26'));
  tie.start(5, 25, tie.say('25'));
});
