#!/bin/sh
# Lists and calls the tools of `kaizodo mcp` with the official TypeScript client, over both handshakes of the protocol. No
# model is asked: the built-in worksheet answers.
#
# KAIZODO_BIN names the program (default: target/debug/kaizodo).
set -eu

cd "$(dirname -- "$0")"
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-../../target/debug/kaizodo}")
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi
../npm-ci.sh
timeout --kill-after=10 300 node main.mjs
