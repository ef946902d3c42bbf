"""市民病院線の時刻表を停留所ごとに作る(サイト貼り付け用)。

「けやき台団地の表だけ、始発の上に0時台が1本ある。朝0時にバスは走ってない」と
営業所から電話。起点の駅前の表は正常。trips.csv に変な行が混ざったんだと思って
3回見直したが、0時発の便なんてどこにもない。団地の所要時間を間違えてるのか…?
"""
import csv
from collections import defaultdict
from datetime import date

SHUKUJITSU = {"2025-07-21", "2025-08-11", "2025-09-15", "2025-09-23"}

# 駅前からの所要(分)。朝ラッシュは別に足す
SHOYO = {"駅前": 0, "本町三丁目": 4, "市民病院": 11, "けやき台団地": 19}
RUSH = (7 * 60, 8 * 60 + 59)

def daiya(d: date) -> str:
    if d in SHUKUJITSU or d.weekday() == 6:
        return "休日"
    return "土曜" if d.weekday() == 5 else "平日"


def fun(s):
    h, m = s.split(":")
    return int(h) * 60 + int(m)


def hyou(path, d, teiryujo):
    kubun = daiya(d)
    jikan = defaultdict(list)
    with open(path, encoding="cp932", newline="") as f:
        for r in csv.DictReader(f):
            if r["ダイヤ"] != kubun:
                continue
            t = fun(r["駅前発"]) + SHOYO[teiryujo]   # 最終は23:48発
            if RUSH[0] <= t <= RUSH[1]:
                t += 3
            h, m = divmod(t % 1440, 60)
            jikan[h].append(m)
    return [(h, sorted(jikan[h])) for h in sorted(jikan)]
