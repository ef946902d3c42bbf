#!/bin/sh
# Installs the large things that tests/run.sh needs and lacks: editors, a browser and tools from Debian, npm and PyPI.
#
# Run beside the compiler, so that nobody waits for it later. Each suite installs what it needs by itself, too, but for
# strace, valgrind and the shells.
set -u

cd "$(dirname -- "$0")"
./install-debian.sh strace valgrind cmark-gfm zsh fish
editors/vscode/install.sh
editors/install-nvim.sh
editors/install-nvim-next.sh
editors/emacs/install.sh
