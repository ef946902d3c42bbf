#!/bin/sh
# Sends hostile answers through the real program and renders the panels as VS Code's Markdown preview does, in a real
# Chromium with a server that waits to be loaded from, and as other renderers do; GitHub's own, cmark-gfm, is left out
# where it is missing and cannot be installed.
#
# KAIZODO_BIN names the program (default: target/debug/kaizodo), CHROMIUM the browser (default: Debian's, which is
# installed where it is missing).
set -eu

cd "$(dirname -- "$0")"
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-../../../target/debug/kaizodo}")
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi
[ -n "${CHROMIUM:-}" ] || ../install-chromium.sh
../../install-debian.sh cmark-gfm
../../npm-ci.sh
timeout --kill-after=10 2400 node main.mjs
