#!/bin/sh
# Installs Debian's strace where it is missing and can be installed: tests/network.rs watches the program with it.
set -eu

if ! command -v strace >/dev/null && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
    { $apt install -y --no-install-recommends strace || { $apt update && $apt install -y --no-install-recommends strace; }; } >&2
fi
command -v strace >/dev/null || echo "install-strace: there is no strace, so that nobody sees whom the program contacts" >&2
