#!/bin/sh
# Installs Debian's Emacs with eglot where it is missing.
#
#   EMACS   the editor; emacs unless set
set -eu

has_eglot() { "${EMACS:-emacs}" --batch --eval "(require 'eglot)" >/dev/null 2>&1; }
if ! has_eglot && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt="env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120"
    packages="emacs-nox elpa-eglot"
    # shellcheck disable=SC2086 # lists of words
    { $apt install -y --no-install-recommends $packages || { $apt update && $apt install -y --no-install-recommends $packages; }; } >&2
fi
has_eglot || { echo "Emacs with eglot is missing: apt-get install emacs-nox elpa-eglot" >&2; exit 2; }
