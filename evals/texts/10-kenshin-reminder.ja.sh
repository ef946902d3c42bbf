#!/bin/bash
# 健診の問診票がまだの人に出す督促はがきの宛名リストを作る。
#
# 今年度に入ってから、もう提出した人にも督促が届いたと月に20件くらい電話が来る。
# 去年までは一度もなかった。スクリプトは変えていない。
# 新しく転入した人が多いので、窓口の入力が遅れているのだと思う。
# ひとまず締めを3日延ばしてみたが、件数は変わらず。
#
# taishou.csv  : 整理番号,氏名,住所   (基幹システムから、Shift_JIS、見出しなし)
# teishutsu.csv: 整理番号,受付日      (窓口の表計算から、Shift_JIS、見出しなし)
# 整理番号は 1001 からの通し番号。3月末で 9986 番まで。
set -e

DIR=${1:-/srv/kenshin}
OUT=$DIR/tokusoku_$(date +%m).csv
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

to_utf8() {
    # -c がないと途中で止まることがある
    iconv -c -f SHIFT_JIS -t UTF-8 "$1" | tr -d '\r'
}

# はがきは番号順に刷る
to_utf8 "$DIR/taishou.csv" | sort -t, -k1,1n > "$TMP/taishou"
to_utf8 "$DIR/teishutsu.csv" | sort -t, -k1,1 > "$TMP/teishutsu"

# 対象者のうち、提出に番号がない人だけ残す
# 警告がうるさいので捨てる
join -t, -v1 "$TMP/taishou" "$TMP/teishutsu" 2>/dev/null > "$OUT" || true

echo "督促対象: $(wc -l < "$OUT") 件 → $OUT"
