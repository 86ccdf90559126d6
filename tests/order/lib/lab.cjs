// SPDX-License-Identifier: GPL-3.0-or-later
'use strict';
// What the programs of this folder share. Writing is synchronous and leaves the event loop alone, unlike console.log().
const fs = require('node:fs');

exports.log = (line) => fs.writeSync(1, line + '\n');

// Blocks, so that a timer is due although nothing fixes how long a turn takes.
exports.spin = (ms) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

// Closes a handle of libuv: `callback` runs in the close phase, as the 'close' of a socket does.
const { TCP, constants } = process.binding('tcp_wrap');
exports.closeHandle = (callback) => new TCP(constants.SOCKET).close(callback);

// One job of the pool and its completion.
exports.io = (callback) => fs.stat('.', callback);

// The loop's clock as timers read it, in its whole milliseconds.
const clock = () => {
  const probe = setTimeout(() => {}, 1e6);
  clearTimeout(probe);
  return probe._idleStart;
};

// A try to start timers at milliseconds of the loop's clock, so that some of them expire in the same one. `exact`: the
// machine has not come in between.
class Attempt {
  constructor() {
    this.exact = true;
    this.timers = [];
    this.lines = [];
    this.fromNow();
  }
  // Milliseconds count from here.
  fromNow() {
    this.zero = clock();
  }
  start(at, ms, callback) {
    if (!this.comes(at)) return null;
    const timer = setTimeout(callback, ms);
    this.timers.push(timer);
    this.check(timer._idleStart === this.zero + at);
    return timer;
  }
  refresh(at, timer) {
    if (!this.comes(at)) return;
    timer.refresh();
    this.check(timer._idleStart === this.zero + at);
  }
  // Waits for that millisecond.
  comes(at) {
    while (this.exact && clock() < this.zero + at);
    return this.exact;
  }
  // For a callback that has to run earlier.
  before(at) {
    this.check(clock() < this.zero + at);
  }
  check(isExact) {
    this.exact = this.exact && isExact;
  }
  say(line) {
    return () => this.lines.push(line);
  }
}

// Runs the program until an attempt was exact and has said so many lines, and logs those.
exports.attempt = (lines, program) => {
  const tie = new Attempt();
  program(tie);
  setTimeout(() => {
    if (tie.exact && tie.lines.length === lines) {
      tie.lines.forEach((line) => exports.log(line));
      return;
    }
    tie.exact = false;
    tie.timers.forEach(clearTimeout);
    exports.attempt(lines, program);
  }, tie.exact ? 100 : 1);
};
