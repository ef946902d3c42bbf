#!/bin/sh
# Tests the Neovim plugin in a real Neovim, against the real server and a scripted model.
#
#   run.sh [PATTERN]    runs all tests, or those whose name matches (a Lua pattern)
#
# KAIZODO_BIN names the server (default: target/debug/kaizodo), NVIM the Neovim (default: the one
# that install-nvim.sh brings).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../../.." && pwd)
KAIZODO_BIN=${KAIZODO_BIN:-$root/target/debug/kaizodo}
NVIM=${NVIM:-$("$here/../install-nvim.sh")}
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no server at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

if [ -n "${KAIZODO_TEST_ARTIFACTS:-}" ]; then
    # Everything stays for the search after all tests, and each test's key is the one that is searched for.
    home=$KAIZODO_TEST_ARTIFACTS/nvim
    mkdir -p "$home"
    KAIZODO_CANARY=$(sed -n 's/^pub(crate) const CANARY: &str = "\(.*\)";$/\1/p' "$root/tests/support/artifacts.rs")
    export KAIZODO_CANARY
else
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
fi
# The runner's own home is empty too; each test makes one of its own below TMPDIR.
status=0
TMPDIR=$home XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data XDG_STATE_HOME=$home/state \
    XDG_CACHE_HOME=$home/cache NVIM_LOG_FILE=$home/nvim.log \
    timeout --kill-after=10 2400 "$NVIM" --headless -u NONE -i NONE -l "$here/main.lua" "$@" || status=$?
if [ "$status" -ge 124 ]; then
    echo "run.sh: ended after forty minutes" >&2
fi
exit "$status"
