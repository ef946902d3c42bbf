#!/bin/sh
# Measures kaizodo beside a bare reader, the article's program and that program corrected, and writes the table into
# benches/RESULTS.md. Installs what it needs.
#
#   benches/run.sh                    everything, three times over: about half an hour
#   benches/run.sh [OPTION|WORD]...   no file is written; what is measured is printed
#     --quick        short runs, to see that everything works
#     --ours         kaizodo alone
#     --times N      so many repetitions
#     WORD           only groups whose name has the word: beside scale first refused cpu bytes replies large footprint
#                    prefix pixels page
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
benches/install.sh > /dev/null
[ $# -gt 0 ] || set -- --write
exec cargo bench --quiet --bench table -- "$@"
