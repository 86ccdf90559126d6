#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Proves the README's two commands on a Debian that has nothing: no compiler, no font, no certificate, no locale, no
# display. Makes a minimal root with debootstrap, unpacks the committed tree into it, and runs ./lab there. Not a part
# of ctest: it needs root and the network, and takes minutes.
#
#   tests/integration/bare_root.sh [STEP...]     all of them where none is named:
#
#     root     a new root; ./lab test as root; then again, when nothing may be installed, configured or built
#     bench    (after root) ./lab bench, the shortest run that measures anything
#     run      a new root; ./lab run without a display, then ./lab serve: the address first, SIGTERM, exit 0
#     window   (after run) ./lab run on a display of this machine's Xvfb; WORK/window.png is to be looked at
#     user     a new root; ./lab test as a user with sudo, in a folder with spaces, from another folder; then again
#     nobody   a new root; ./lab test as a user without sudo: one line that names the command to run
#
# From the environment:
#   SUITE   bookworm              MIRROR  the Debian mirror of this machine's apt sources
#   REV     HEAD                  WORK    build/bare: the base tarball, kept for the next time, and the root, removed
#
# All mounts and processes live in namespaces of their own, and end with the script however it ends.
set -euo pipefail

say() { printf 'bare_root: %s\n' "$*"; }
die() { say "FAILED: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || { echo "bare_root: run me as root (debootstrap and chroot need it)" >&2; exit 2; }
for tool in debootstrap git unshare tar; do
    command -v "$tool" >/dev/null || { echo "bare_root: $tool is missing" >&2; exit 2; }
done
source_tree=$(cd -- "$(dirname -- "$0")/../.." && pwd)
if [ "${BARE_ROOT_UNSHARED-}" != yes ]; then
    BARE_ROOT_UNSHARED=yes exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"
fi

# The first mirror of the sort that apt's sources name: mirror_of DEFAULT PATTERN
mirror_of() {
    local found
    found=$(grep -rhoE "^[^#]*https?://[^] ]*/$2/?( |\$)" /etc/apt/sources.list /etc/apt/sources.list.d 2>/dev/null |
        grep -oE 'https?://[^ ]*' | head -n 1) || true
    printf '%s' "${found:-$1}"
}

suite=${SUITE:-bookworm}
mirror=${MIRROR:-$(mirror_of http://deb.debian.org/debian debian)}
security=$(mirror_of http://deb.debian.org/debian-security debian-security)
rev=${REV:-HEAD}
work=${WORK:-$source_tree/build/bare}
root=$work/root
tarball=$work/base-$suite-$(dpkg --print-architecture).tar
log=$work/log
mkdir -p "$work"

# --- The root -------------------------------------------------------------------------------------------------------

make_base() {
    [ -f "$tarball" ] && return 0
    say "Making the base of $suite"
    local include=()
    case $mirror in https:*) include=(--include=ca-certificates) ;; esac
    rm -rf "$work/base"
    debootstrap --variant=minbase "${include[@]}" "$suite" "$work/base" "$mirror" >"$log" 2>&1 ||
        { tail -n 20 "$log"; die "debootstrap"; }
    rm -rf "$work/base"/var/cache/apt/archives/*.deb
    tar -C "$work/base" -cf "$tarball.part" .
    mv "$tarball.part" "$tarball"
    rm -rf "$work/base"
}

# The network as this machine reaches it, and nothing else of this machine.
lend_network() {
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
    printf 'deb %s %s main\n' "$mirror" "$suite" >"$root/etc/apt/sources.list"
    printf 'deb %s %s main\n' "$mirror" "$suite-updates" "$security" "$suite-security" >>"$root/etc/apt/sources.list"
    apt-config dump Acquire::http Acquire::https Acquire::Check-Valid-Until Acquire::Check-Date Acquire::Languages \
        2>/dev/null >"$root/etc/apt/apt.conf.d/99network" || true
}

# new_root FOLDER: an untouched root with the committed tree in FOLDER
new_root() {
    remove_root
    make_base
    mkdir -p "$root"
    tar -C "$root" -xf "$tarball"
    lend_network
    mount -t proc proc "$root/proc"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
    mkdir -p "$root$1"
    git -C "$source_tree" archive "$rev" | tar -C "$root$1" -xf -
    [ -x "$root$1/lab" ] || die "there is no lab in $rev"
    for tool in g++ cmake ninja curl fc-list; do
        [ ! -e "$root/usr/bin/$tool" ] || die "the bare root has $tool already"
    done
}

remove_root() {
    [ -d "$root" ] || return 0
    local mounted
    for mounted in proc dev/pts dev/shm; do
        if mountpoint -q "$root/$mounted"; then umount -l "$root/$mounted"; fi
    done
    rm -rf --one-file-system "$root"
}
trap remove_root EXIT

# become USER SCRIPT: this process goes on in the root, with an environment as bare as the machine
become() {
    local home=/root
    [ "$1" = root ] || home=/home/$1
    exec chroot --userspec="$1" --groups="" "$root" /usr/bin/env -i HOME="$home" TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -c "$2"
}

inside() { (become "$@"); }

# timed NAME USER SCRIPT: its output goes to the log, its time to the screen
timed() {
    local began=$SECONDS status=0
    inside "$2" "$3" >"$log" 2>&1 || status=$?
    say "$1: exit $status after $((SECONDS - began)) s"
    [ "$status" -eq 0 ] || { tail -n 40 "$log"; die "$1"; }
}

# What installing and building leave behind; equal before and after a run that does nothing twice.
traces() { (cd "$root" && stat -c '%n %Y' var/log/dpkg.log var/lib/apt/lists "$1"/build/release/{build.ninja,.ninja_log}); }

expect() { grep -qE "$1" "$log" || { tail -n 40 "$log"; die "the log has no '$1'"; }; }
expect_not() { ! grep -E "$1" "$log" || die "the log has '$1'"; }

# test_twice FOLDER USER: ./lab test, which must install, build and pass; then again, which must only test
test_twice() {
    timed "./lab test as $2" "$2" "cd / && '$1/lab' test"
    expect '^lab: Installing '
    expect '^lab: Configuring '
    expect '^lab: Building '
    expect '^100% tests passed, 0 tests failed out of [1-9]'
    grep -E 'tests passed' "$log"
    local before
    before=$(traces ".$1")
    timed "./lab test as $2 again" "$2" "cd / && '$1/lab' test"
    expect_not '^lab: (Installing|Configuring|Building) '
    expect '^100% tests passed, 0 tests failed out of [1-9]'
    [ "$(traces ".$1")" = "$before" ] || die "the second run touched what the first had made"
}

# after_step STEP BEFORE: the root of the step before must still be there
after_step() {
    [ "${last-}" = "$2" ] || [ "${last-}" = "$1" ] || die "step $1 comes after step $2"
}

# --- The steps ------------------------------------------------------------------------------------------------------

step_root() {
    new_root /src
    test_twice /src root
    say "the root now holds $(inside root 'dpkg-query -W | wc -l') packages"
}

step_bench() {
    after_step bench root
    timed "./lab bench" root '/src/lab bench --rounds 1 --seconds 1 --warm-up 0'
    expect '^lab: Installing .*wrk'
    expect '^\| epoll floor, no parsing \| [1-9]'
    expect '^\| QHttpServer \| [1-9]'
    grep -E '^bench: without|NOT COUNTED' "$log" || true
}

step_run() {
    new_root /src
    # The server is what lab becomes by exec, so the signal to lab's process is the server's.
    local drive="pid=\$!
        until grep -qs . /tmp/out; do kill -0 \$pid 2>/dev/null || break; sleep 0.1; done
        head -n 1 /tmp/out; cat /tmp/err
        curl -sS --fail --max-time 10 \"\$(sed -n '1s/^Listening on //p' /tmp/out)/healthz\" || { kill \$pid; exit 1; }
        kill -TERM \$pid; wait \$pid"
    inside root 'apt-get -q update && apt-get -q install -y --no-install-recommends curl' >"$log" 2>&1 ||
        { tail -n 20 "$log"; die "installing curl, to drive the server with"; }
    timed "./lab run without a display" root "rm -f /tmp/out; '/src/lab' run --port 0 >/tmp/out 2>/tmp/err & $drive"
    expect '^lab: Installing '
    expect '^lab: No display here'
    expect '^Listening on http://127\.0\.0\.1:[1-9][0-9]*$'
    timed "./lab serve" root "rm -f /tmp/out; '/src/lab' serve --port 0 >/tmp/out 2>/tmp/err & $drive"
    expect_not '^lab: (Installing|Configuring|Building) '
    expect '^Listening on http://127\.0\.0\.1:[1-9][0-9]*$'
}

step_window() {
    after_step window run
    for tool in Xvfb xdotool import; do
        command -v "$tool" >/dev/null || { say "without the window: $tool is missing on this machine"; return 0; }
    done
    local display
    coproc XVFB { exec Xvfb -displayfd 1 -screen 0 1280x800x24 -nolisten tcp 2>/dev/null; }
    read -r display <&"${XVFB[0]}"
    # The server that the window shows is started with it; the window is there once it answers.
    become root "export DISPLAY=:$display; exec /src/lab run --start --port 3999" >"$log" 2>&1 &
    local lab=$! status=0 tries=0
    until inside root 'curl -sS --fail --max-time 2 http://127.0.0.1:3999/healthz' >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -eq 300 ] || ! kill -0 "$lab" 2>/dev/null; then
            cat "$log"
            die "no answer from the window's server"
        fi
        sleep 0.1
    done
    DISPLAY=:$display timeout 20 xdotool search --sync --onlyvisible --name Loopscope >/dev/null || die "no window"
    DISPLAY=:$display import -window root "$work/window.png"
    kill -TERM "$lab"
    wait "$lab" || status=$?
    kill "$XVFB_PID"
    expect_not '^lab: (Installing|Configuring|Building) '
    expect_not 'qt\.qpa|Could not|Cannot find font'
    [ "$status" -eq 0 ] || { cat "$log"; die "the window ended with exit $status"; }
    say "the window is in $work/window.png"
}

step_user() {
    new_root '/home/ada/my lab'
    inside root 'apt-get -q update && apt-get -q install -y --no-install-recommends sudo && useradd --shell /bin/sh ada &&
        echo "ada ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/ada && chown -R ada: /home/ada' >"$log" 2>&1 ||
        { tail -n 20 "$log"; die "making a user with sudo"; }
    test_twice '/home/ada/my lab' ada
}

step_nobody() {
    new_root /home/bob/src
    inside root 'useradd --shell /bin/sh bob && chown -R bob: /home/bob'
    local status=0
    inside bob '/home/bob/src/lab test' >"$log" 2>&1 || status=$?
    [ "$status" -eq 1 ] || die "exit $status where 1 was due"
    [ "$(wc -l <"$log")" -eq 1 ] || { cat "$log"; die "more than one line"; }
    expect '^lab: packages are missing and there is no sudo; run as root: apt-get install --no-install-recommends g\+\+ '
    say "without sudo: $(cat "$log")"
}

[ $# -gt 0 ] || set -- root bench run window user nobody
for step in "$@"; do
    case $step in
    root | bench | run | window | user | nobody) say "--- $step" ;;
    *) die "unknown step '$step'; there are root, bench, run, window, user, nobody" ;;
    esac
    "step_$step"
    last=$step
done
say "passed: $*"
