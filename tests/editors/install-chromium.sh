#!/bin/sh
# Installs Debian's Chromium with fonts for Japanese, and any further packages that are named, where they are missing.
#
#   install-chromium.sh [PACKAGE...]
set -eu

wanted="chromium fonts-noto-cjk $*"
# shellcheck disable=SC2086 # a list of words
dpkg -s $wanted > /dev/null 2>&1 && exit

sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
# A mirror does not answer at times.
for pause in 5 20 ''; do
    # shellcheck disable=SC2086
    $apt update >&2 && $apt install -y --no-install-recommends $wanted >&2 && exit
    [ -n "$pause" ] && sleep "$pause"
done
exit 1
