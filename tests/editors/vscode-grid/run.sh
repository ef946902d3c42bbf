#!/bin/sh
# Tests the grid of the VS Code extension: its parts in node, its page in a real Chromium.
#
#   run.sh [WORD]   installs what it needs from npm below this folder, then runs all tests, or those of the files whose
#                   name has the word
#
# CHROMIUM names the browser (default: Debian's, which is installed where it is missing).
set -eu

cd "$(dirname -- "$0")"
[ -n "${CHROMIUM:-}" ] || ../install-chromium.sh
../../npm-ci.sh
node_modules/.bin/tsc -p tsconfig.json
timeout --kill-after=10 900 node main.mjs "$@"
