"""直売所の売上を日別・生産者別にまとめて、月初に送る精算書の数字を作る。

月曜の売上が少なすぎると生産者さんから言われる。逆に定休の日曜に
売上が立っていることがある。レジ端末の時計が遅れているのだと思って
2台とも合わせ直したが、翌月も同じだった。
開店は朝7時、9時前がいちばん混む。野菜と卵が中心、春だけ花苗も置く。
打ち間違いの取消があれば、sales の行を消してからもう一度流す。
"""
import sqlite3
from collections import defaultdict
from datetime import datetime, timezone

FEE_RATE = 0.15
TAX_RATE = 0.08


def load_sales(conn, year, month):
    rows = conn.execute("SELECT producer_id, unit_price, qty, sold_at FROM sales")
    for producer_id, unit_price, qty, sold_at in rows:
        # sold_at はレジが入れる UNIX 秒
        day = datetime.fromtimestamp(sold_at, tz=timezone.utc).date()
        if (day.year, day.month) == (year, month):
            yield producer_id, day, unit_price * qty


def settle(conn, year, month):
    totals = defaultdict(float)
    for producer_id, day, amount in load_sales(conn, year, month):
        totals[producer_id, day] += round(amount * (1 + TAX_RATE))

    for (producer_id, day), gross in totals.items():
        payout = round(gross * (1 - FEE_RATE))
        conn.execute(
            "INSERT OR REPLACE INTO payouts (producer_id, day, gross, payout) "
            "VALUES (?, ?, ?, ?)",
            (producer_id, day.isoformat(), gross, payout),
        )
    conn.commit()
