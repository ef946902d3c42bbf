#!/bin/sh
# Fuzzes the targets of this folder with libFuzzer, on stable Rust and without cargo-fuzz.
#
#   run.sh [TARGET...]     all of them by default; ends with a line for each
#   run.sh --no-run        builds them and runs none
#
# RUNS: executions of each target (default: a million). What breaks a check is left in artifacts/.
set -eu

cd "$(dirname -- "$0")"
runs=${RUNS:-1000000}
[ $# -gt 0 ] || set -- text_sync panel sanitizer perspective journal frames privacy stream

RUSTC_WORKSPACE_WRAPPER=$PWD/instrument.sh cargo build --quiet --locked --release --target-dir target
[ "$1" != --no-run ] || exit 0

status=0
for target; do
    mkdir -p "corpus/$target" artifacts
    case $target in
        # Keys are long.
        privacy) most=192 ;;
        *) most=96 ;;
    esac
    start=$(date +%s)
    if "target/release/$target" -runs="$runs" -max_len="$most" -timeout=10 -rss_limit_mb=2048 -close_fd_mask=1 \
        -print_final_stats=1 -artifact_prefix="artifacts/$target-" "corpus/$target" "seeds/$target" > "artifacts/$target.log" 2>&1; then
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "artifacts/$target.log") executions," \
            "$(sed -n 's/.*DONE.* cov: \([0-9]*\) .*/\1/p' "artifacts/$target.log") edges," \
            "$(($(date +%s) - start)) s, nothing found"
    else
        status=1
        echo "$target: FAILED, see fuzz/artifacts/$target.log"
        grep -m 3 -A 3 'panicked at' "artifacts/$target.log" || tail -5 "artifacts/$target.log"
    fi
done
exit $status
