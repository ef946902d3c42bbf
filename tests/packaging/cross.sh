#!/bin/sh
# Tests what takes longer on the way to a user's machine: the builds for other platforms, the crate as the registry gets it,
# and the release's own archive through its installer.
#
#   cross.sh [PART…]     parts: arm64 musl windows zed crate dist (default: all)
#
# arm64    builds for aarch64-unknown-linux-gnu (glibc 2.28), and runs the program with qemu where that is there
# musl     builds the standard library and the program for x86_64-unknown-linux-musl, and runs it
# windows  does the same for x86_64-pc-windows-gnu, and runs the program with Wine where that is there
# zed      tests the extension for Zed here, and compiles it to the WebAssembly component that Zed loads
# crate    builds the crate from what `cargo package` packs, and does all of a publication but the upload
# dist     makes an archive, its hash and the installers as a release does
#
# The other platforms' standard libraries come from Debian, and their linker, zig, from PyPI: nothing is installed on the
# system. Builds are not optimized as a release is. Without Debian's packages, `rustup target add` does as well.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
home=$root/.cache/cross
mkdir -p "$home/bin" "$home/lib"
cd "$root"

say() { printf '\n== %s\n' "$*"; }

# Debian's newest Rust for its stable suites, with its sources, and the standard libraries of two other platforms.
toolchain() {
    [ -f "$home/.toolchain" ] && return
    sources=/etc/apt/sources.list.d/debian.sources
    [ -f "$sources" ] || { echo "cross.sh: this needs Debian's apt-get" >&2; return 1; }
    rm -rf "$home/apt" "$home/root"
    for suite in stable sid; do
        mkdir -p "$home/apt/$suite/lists/partial" "$home/apt/$suite/cache/archives/partial" "$home/apt/$suite/parts"
        : > "$home/apt/$suite/status"
    done
    cp "$sources" "$home/apt/stable/parts/"
    awk '/^$/ { exit } /^#/ { next } $1 == "Suites:" { $0 = "Suites: sid" } { print }' "$sources" > "$home/apt/sid/parts/sid.sources"
    mkdir -p "$home/debs" "$home/root"
    cd "$home/debs"
    for suite in stable sid; do
        at=$home/apt/$suite
        apt="apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts=$at/parts -o Dir::State::Lists=$at/lists
            -o Dir::Cache=$at/cache -o Dir::State::status=$at/status -o Acquire::Languages=none
            -o APT::Sandbox::User=$(id -un) -o Debug::NoLocking=1 -o APT::Architectures::=amd64 -o APT::Architectures::=arm64"
        # shellcheck disable=SC2086 # a list of words
        $apt update
        if [ "$suite" = stable ]; then
            # shellcheck disable=SC2086
            $apt download rustc-web libstd-rust-web-1.96 libstd-rust-web-dev rust-web-src libllvm22 libstd-rust-web-dev:arm64 \
                libz3-4 libedit2 libxml2 libbsd0 libtinfo6 libmd0 libicu72
        else
            # shellcheck disable=SC2086
            $apt download libstd-rust-dev-wasm32
        fi
    done
    for package in *.deb; do
        dpkg -x "$package" "$home/root"
    done
    cd "$root"
    # What WebAssembly is linked with; its standard library is built from the sources.
    for target in "$home"/root/usr/lib/rustlib/wasm32-*; do
        rm -f "$target"/lib/*.rlib "$target"/lib/*.rmeta
    done
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' \
        "$home/root/usr/lib/x86_64-linux-gnu" "$home/root/usr/bin/rustc" > "$home/bin/rustc"
    python3 -m venv "$home/venv"
    "$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: cargo-zigbuild==0.24.1 ziglang==0.17.1
    printf '#!/bin/sh\nexec %s -m ziglang wasm-ld "$@"\n' "$home/venv/bin/python" > "$home/bin/wasm-ld"
    chmod +x "$home/bin/rustc" "$home/bin/wasm-ld"
    rm -rf "$home/apt" "$home/debs"
    touch "$home/.toolchain"
}

# zig TARGET ARGUMENT…: builds the program for another platform. zig brings the objects that a program begins and ends with.
zig() {
    toolchain
    target=$1
    shift
    CARGO=$(rustup which cargo 2>/dev/null || command -v cargo) RUSTC=$home/bin/rustc PATH=$home/venv/bin:$PATH \
        CARGO_TARGET_DIR=$home/target CARGO_INCREMENTAL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo-zigbuild rustc --bin kaizodo --locked --release --target "$target" "$@" -- -C link-self-contained=no -L "$home/lib"
}

# works COMMAND…: it tells its version, and asks about a text in Japanese without a model.
works() {
    folder=$(mktemp -d)
    "$@" --version
    HOME=$folder XDG_CONFIG_HOME=$folder XDG_DATA_HOME=$folder XDG_STATE_HOME=$folder XDG_CACHE_HOME=$folder \
        "$@" run --provider worksheet examples/meeting.ja.md | grep -q '深さ'
    rm -rf "$folder"
}

arm64() {
    zig aarch64-unknown-linux-gnu.2.28
    made=$home/target/aarch64-unknown-linux-gnu/release/kaizodo
    file "$made" 2>/dev/null || ls -l "$made"
    if command -v qemu-aarch64-static >/dev/null && [ -d /usr/aarch64-linux-gnu/lib ]; then
        works qemu-aarch64-static -L /usr/aarch64-linux-gnu "$made"
    else
        echo "cross.sh: there is no qemu-aarch64-static (Debian: qemu-user-static, libc6-arm64-cross): the program was not run"
    fi
}

musl() {
    RUSTC_BOOTSTRAP=1 zig x86_64-unknown-linux-musl -Zbuild-std=std,panic_unwind
    made=$home/target/x86_64-unknown-linux-musl/release/kaizodo
    ls -l "$made"
    if ldd "$made" 2>/dev/null | grep -q '=>'; then
        echo "cross.sh: $made is not linked statically" >&2
        return 1
    fi
    works "$made"
}

windows() {
    # zig asks for this library of gcc's, which has nothing that is needed, and does not bring it.
    printf '!<arch>\n' > "$home/lib/libssp_nonshared.a"
    RUSTC_BOOTSTRAP=1 zig x86_64-pc-windows-gnu -Zbuild-std=std,panic_unwind
    made=$home/target/x86_64-pc-windows-gnu/release/kaizodo.exe
    file "$made" 2>/dev/null || ls -l "$made"
    if command -v wine >/dev/null; then
        # Wine 8 does not have the library that Rust's standard library gets random bytes from.
        cat > "$home/random.c" <<'END'
#include <stddef.h>
unsigned char __stdcall SystemFunction036(void *, unsigned long);
__declspec(dllexport) int __stdcall ProcessPrng(void *at, size_t size) { return SystemFunction036(at, size); }
END
        "$home/venv/bin/python" -m ziglang cc -target x86_64-windows-gnu -shared -o "$(dirname "$made")/bcryptprimitives.dll" \
            "$home/random.c" -ladvapi32
        # The variables of `works` name no folders on Windows: its files are in this home of Wine's.
        prefix=$(mktemp -d)
        works env WINEPREFIX="$prefix" WINEDEBUG=-all wine "$made"
        WINEPREFIX=$prefix wine wineboot --kill
        rm -rf "$prefix"
    else
        echo "cross.sh: there is no wine (Debian: wine, wine64): the program was not run"
    fi
}

zed() {
    toolchain
    CARGO_TARGET_DIR=$home/zed cargo test --quiet --locked --manifest-path editors/zed/Cargo.toml
    [ -x "$home/bin/wasm-component-ld" ] || cargo install --quiet --locked --root "$home" wasm-component-ld
    RUSTC=$home/bin/rustc RUSTC_BOOTSTRAP=1 PATH=$home/bin:$PATH CARGO_TARGET_DIR=$home/zed \
        CARGO_TARGET_WASM32_WASIP2_LINKER=$home/bin/wasm-component-ld cargo build --locked --release --target wasm32-wasip2 \
        -Zbuild-std=std,panic_abort --manifest-path editors/zed/Cargo.toml
    made=$home/zed/wasm32-wasip2/release/kaizodo_zed.wasm
    ls -l "$made"
    # The first eight bytes of a component: its magic number, version 13, layer 1.
    [ "$(od -An -tx1 -N8 "$made" | tr -d ' ')" = 0061736d0d000100 ]
}

crate() {
    cargo publish --dry-run --locked --allow-dirty
    ls -l target/package/kaizodo-*.crate
}

dist() {
    command -v cargo-auditable >/dev/null || [ -x "$home/bin/cargo-auditable" ] || cargo install --quiet --locked --root "$home" cargo-auditable
    PATH=$home/bin:$PATH CARGO_PROFILE_DIST_LTO=off CARGO_PROFILE_DIST_CODEGEN_UNITS=16 \
        "$root/.cache/packaging-1/bin/dist" build --artifacts=all --target x86_64-unknown-linux-gnu
    folder=$(mktemp -d)
    python3 "$here/serve.py" target/distrib env HOME="$folder" XDG_DATA_HOME="$folder/data" \
        sh target/distrib/kaizodo-installer.sh --no-modify-path
    works "$(find "$folder" -name kaizodo -type f)"
    rm -rf "$folder"
}

[ $# -gt 0 ] || set -- arm64 musl windows zed crate dist
for part; do
    say "$part"
    "$part"
done
