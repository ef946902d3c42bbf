#!/bin/sh
# Shows runs on a page in Chromium, and prints when each piece of text was there.
#
#   page.sh URL kaizodo SERVER     URL: the synthetic model's; a line on stdin asks for one run, its number of pieces
#   page.sh URL article            the article's page: its program with Gradio, from PyPI
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ -n "${CHROMIUM:-}" ] || "$root/tests/editors/install-chromium.sh"
cd "$root/tests/web"
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --silent >&2
program=${3:-}
if [ "$2" = article ]; then
    home=$root/.cache/bench/gradio
    if [ ! -f "$home/.done" ]; then
        python3 -m venv "$home"
        "$home/bin/pip" install --quiet --disable-pip-version-check gradio openai >&2
        touch "$home/.done"
    fi
    program=$home/bin/python
fi
exec node "$root/benches/page.mjs" "$1" "$2" "$program"
