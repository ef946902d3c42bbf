#!/bin/sh
# Holds the API of `kaizodo serve` and its OpenAPI document against each other: a client is generated from the document
# and used (openapi-typescript), and requests are made up from it (schemathesis). No model is asked.
#
# KAIZODO_BIN names the program (default: target/debug/kaizodo).
set -eu

schemathesis=4.32.5

cd "$(dirname -- "$0")"
program=$(realpath -- "${KAIZODO_BIN:-../../target/debug/kaizodo}")
if [ ! -x "$program" ]; then
    echo "run.sh: there is no program at $program; build it with cargo build" >&2
    exit 1
fi
tools=$(realpath -- ../..)/.cache/schemathesis-$schemathesis
if ! [ -x "$tools/bin/st" ]; then
    rm -rf "$tools"
    mkdir -p ../../.cache
    python3 -m venv "$tools" >&2
    # PyPI does not answer at times.
    for pause in 5 20 ''; do
        "$tools/bin/python" -m pip install --quiet --disable-pip-version-check "schemathesis==$schemathesis" >&2 && break
        [ -n "$pause" ] || exit 1
        sleep "$pause"
    done
fi
../npm-ci.sh

home=$(mktemp -d)
(cd "$home" && exec env -i HOME="$home" LANG=en_US.UTF-8 KAIZODO_PROVIDER=worksheet \
    "$program" serve --port 0 --json >"$home/reachable" 2>"$home/stderr") &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$home"' EXIT
for _ in $(seq 200); do
    [ -s "$home/reachable" ] && break
    sleep 0.1
done
told() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$home/reachable" "$1"; }
KAIZODO_URL=http://$(told address)
KAIZODO_TOKEN=$(told token)
export KAIZODO_URL KAIZODO_TOKEN

rm -rf made
node_modules/.bin/openapi-typescript "$KAIZODO_URL/v1/openapi.json" --output made/schema.d.ts >/dev/null
node_modules/.bin/tsc --project tsconfig.json
timeout --kill-after=10 240 node made/walk.js

# What is refused for its meaning (a blank text, an unknown set or section) is valid by the schema, so the checks that
# do not know that are left out. So are those of how long examples take to make up, which a busy machine decides.
timeout --kill-after=10 900 "$tools/bin/st" run "$KAIZODO_URL/v1/openapi.json" \
    --header "Authorization: Bearer $KAIZODO_TOKEN" \
    --exclude-checks positive_data_acceptance,ensure_resource_availability \
    --suppress-health-check too_slow,filter_too_much --max-examples 20 --seed 4649 --request-timeout 20 --no-color \
    >"$home/schemathesis" || {
    cat "$home/schemathesis"
    exit 1
}
tail -8 "$home/schemathesis"
