#!/bin/sh
# Installs the Neovim that is newer than the tested one into the repository's cache folder, once, and
# prints the path of its program: 0.12, which Debian's unstable suite has and PyPI has not.
#
# Nothing is installed on the system: the packages are unpacked, and the program is told where its
# own loader and libraries are. Needs Debian's apt-get and patchelf; without them, or where the suite
# cannot be had, it says so and fails.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
home=$root/.cache/nvim-next
nvim=$home/bin/nvim

works() {
    [ -x "$nvim" ] && "$nvim" --version 2>/dev/null | grep -Eq '^NVIM v(0\.1[2-9]|[1-9])'
}

unpack() {
    sources=/etc/apt/sources.list.d/debian.sources
    [ -f "$sources" ] || return 1
    "$root/tests/install-debian.sh" patchelf
    command -v patchelf >/dev/null || return 1
    rm -rf "$home"
    mkdir -p "$home/apt/lists/partial" "$home/apt/cache/archives/partial" "$home/apt/parts" "$home/root" "$home/bin"
    awk '/^$/ { exit } /^#/ { next } $1 == "Suites:" { $0 = "Suites: sid" } $1 == "Types:" { $0 = "Types: deb" } { print }' \
        "$sources" > "$home/apt/parts/sid.sources"
    : > "$home/apt/status"
    apt="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$home/apt/parts
        -o Dir::State::Lists=$home/apt/lists -o Dir::Cache=$home/apt/cache -o Dir::State::status=$home/apt/status
        -o Acquire::Languages=none -o APT::Sandbox::User=$(id -un) -o Debug::NoLocking=1"
    # shellcheck disable=SC2086 # a list of words
    $apt update && $apt -y --no-install-recommends --download-only install neovim || return 1
    for package in "$home"/apt/cache/archives/*.deb; do
        dpkg -x "$package" "$home/root"
    done
    rm -rf "$home/apt"
    libraries=$home/root/usr/lib/x86_64-linux-gnu
    program=$(readlink -f "$home/root/usr/bin/nvim")
    # A link of an alternative is absolute, and leads out of the folder.
    case $program in
        "$home"/*) ;;
        *) program=$home/root$program ;;
    esac
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$program" || return 1
    printf '#!/bin/sh\nexport VIMRUNTIME="${VIMRUNTIME:-%s}"\nexec %s "$@"\n' \
        "$home/root/usr/share/nvim/runtime" "$program" > "$nvim"
    chmod +x "$nvim"
}

if ! works; then
    unpack >&2 || true
fi
if ! works; then
    echo "install-nvim-next: Debian's unstable suite gave no Neovim of 0.12 or later" >&2
    exit 1
fi
echo "$nvim"
