#!/bin/sh
# rustc for the code of this repository, with what libFuzzer needs to see where an input leads. It asks of rustc what
# cargo-fuzz asks, but for the address sanitizer: the code has no unsafe, and that needs a nightly compiler.
exec "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
