#!/bin/bash
# The server in a real Emacs with eglot: attach, offer, run, show. No model and no network. Where something fails, all is
# done once more: a busy machine can come in between.
#
#   KAIZODO_BIN  the server; target/debug/kaizodo unless set
#   EMACS        the editor; emacs unless set
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
bin=$(realpath -m "${KAIZODO_BIN:-$root/target/debug/kaizodo}")
emacs=${EMACS:-emacs}
limit=300 # seconds, for all of it

[ -x "$bin" ] || { echo "$bin is missing: run cargo build, or set KAIZODO_BIN" >&2; exit 2; }

"$here/install.sh"

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT

# attempt FOLDER: does all of it in a folder that is not there yet.
attempt() {
  local work=$1 status=0 passed failed
  mkdir -p "$work"/{bin,home,config,state,cache,data,fast,slow,panel}
  ln -s "$bin" "$work/bin/kaizodo"
  cp "$here/memo.txt" "$work/fast/"
  cp "$here/memo.txt" "$work/slow/"
  cp "$here/memo.txt" "$work/panel/"

  # Nothing of the user's own: neither settings nor keys nor proxies.
  env -i PATH="$work/bin:$PATH" HOME="$work/home" LC_ALL=C.UTF-8 TERM=dumb \
    XDG_CONFIG_HOME="$work/config" XDG_STATE_HOME="$work/state" \
    XDG_CACHE_HOME="$work/cache" XDG_DATA_HOME="$work/data" \
    SNIPPET="$root/editors/snippets/emacs-eglot.el" WORK="$work" RESULTS="$work/results" \
    timeout --kill-after=5 "$limit" "$emacs" --batch -l "$here/check.el" </dev/null >"$work/log" 2>&1 || status=$?

  touch "$work/results"
  grep -v '^done$' "$work/results" || true
  passed=$(grep -c '^ok ' "$work/results" || true)
  failed=$(grep -c '^FAILED ' "$work/results" || true)
  if [ "$status" != 0 ] || ! grep -q '^done$' "$work/results"; then
    echo "FAILED Emacs ended early (status $status; 124 is the time limit of $limit s)"
    failed=$((failed + 1))
  fi
  [ "$failed" = 0 ] || { echo '--- what Emacs said:'; tail -40 "$work/log"; } >&2
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}

attempt "$home/1" || { echo AGAIN; attempt "$home/2"; }
