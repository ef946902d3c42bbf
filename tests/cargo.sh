#!/usr/bin/env bash
# Runs all Rust tests, and writes what they print to the file $1 as well. Many of them keep to real time on a machine
# that others use, too. So a few that fail are run once more, by themselves, and named by AGAIN.
set -euo pipefail
cd "$(dirname "$0")/.."
log=$1
few=5

cargo test --locked --no-fail-fast 2>&1 | tee "$log" && exit 0

# `--test it`, as cargo names the targets that failed at its end.
mapfile -t targets < <(sed -n 's/^    `\(--.*\)`$/\1/p' "$log")
# The list of names below `failures:`, after what they printed.
mapfile -t names < <(sed -n '/^failures:$/,/^test result/s/^    \([A-Za-z0-9_:]\{1,\}\)$/\1/p' "$log" | sort -u)
if ((${#targets[@]} == 0 || ${#names[@]} == 0 || ${#names[@]} > few)); then
    exit 1
fi
printf 'AGAIN %s\n' "${names[@]}"
passed=0
for target in "${targets[@]}"; do
    # shellcheck disable=SC2086
    cargo test --locked $target -- --exact --test-threads=1 "${names[@]}" 2>&1 | tee -a "$log" "$log.again"
    passed=$((passed + $(sed -n 's/^test result: ok\. \([0-9]*\) passed.*/\1/p' "$log.again")))
    rm "$log.again"
done
# A name that was not found again has not passed.
((passed == ${#names[@]}))
