#!/bin/sh
# Tests the page of `kaizodo serve` in a real Chromium, on the real program and a scripted model.
#
#   run.sh [WORD]   installs what it needs from npm below this folder, then runs all tests, or those of the files whose
#                   name has the word
#
# KAIZODO_BIN names the program (default: target/debug/kaizodo), CHROMIUM the browser (default: Debian's, which is
# installed where it is missing).
set -eu

cd "$(dirname -- "$0")"
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-../../target/debug/kaizodo}")
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi
[ -n "${CHROMIUM:-}" ] || ../editors/install-chromium.sh
../npm-ci.sh
node_modules/.bin/tsc -p tsconfig.json
timeout --kill-after=10 1200 node main.mjs "$@"
