#!/bin/sh
# Installs tools from Debian's packages of the same names, where they are missing and can be installed.
#
#   install-debian.sh TOOL...
set -eu

missing=
for tool; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
    # shellcheck disable=SC2086 # a list of words
    { $apt install -y --no-install-recommends $missing || { $apt update && $apt install -y --no-install-recommends $missing; } || true; } >&2
fi
for tool; do
    command -v "$tool" >/dev/null || echo "install-debian: there is no $tool: what needs it is left out" >&2
done
