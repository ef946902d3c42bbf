#!/bin/sh
# Installs a folder's packages from npm, by its package-lock.json unless told otherwise. The registry does not answer at
# times, so there are three tries.
#
#   npm-ci.sh [COMMAND [ARGUMENT...]]    runs npm's command (default: ci) in the current folder
set -eu

command=${1:-ci}
[ "$#" = 0 ] || shift
for pause in 5 20 0; do
    status=0
    # Errors are told: they are the reason.
    timeout --kill-after=10 300 npm "$command" --no-audit --no-fund --loglevel=error "$@" >&2 || status=$?
    [ "$status" != 0 ] || exit 0
    echo "npm-ci: npm $command ended with $status in $PWD" >&2
    sleep "$pause"
done
exit "$status"
