#!/bin/sh
# Runs kaizodo against fault servers of others, and prints what it said as a table: llmock (PyPI), aimock (npm), and, in a
# network namespace, true resets and black holes by nftables. docs/faults.md holds what was seen.
#
#   tests/faults/third-party.sh
#
# Needs python3 with venv, npm, and for the last part unshare, ip (Debian: iproute2) and nft (Debian: nftables). KAIZODO_BIN
# names the program (default: target/debug/kaizodo).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cache=$root/.cache
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
LLMOCK=$cache/llmock-0.2.2/bin/llmock
AIMOCK=$cache/aimock-1.43.0/node_modules/@copilotkit/aimock/dist/cli.js
export KAIZODO_BIN LLMOCK AIMOCK
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "third-party.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

if [ ! -x "$LLMOCK" ]; then
    python3 -m venv "$cache/llmock-0.2.2"
    "$cache/llmock-0.2.2/bin/pip" install --quiet --disable-pip-version-check llmock==0.2.2
fi
if [ ! -f "$AIMOCK" ]; then
    mkdir -p "$cache/aimock-1.43.0"
    npm install --silent --no-audit --no-fund --prefix "$cache/aimock-1.43.0" @copilotkit/aimock@1.43.0
fi

python3 "$here/third_party.py" llmock aimock
if unshare -rn true 2>/dev/null && command -v ip >/dev/null && command -v nft >/dev/null; then
    unshare -rn sh -c 'ip link set lo up && exec python3 "$0" network' "$here/third_party.py"
else
    echo
    echo "The network's own faults are left out: they need unshare with user namespaces, ip and nft."
fi
