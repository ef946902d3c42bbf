"""Reminder mails for the rehearsal rooms, runs every 10 minutes from cron.

Since the last weekend in March some people get their "starts in one hour"
mail right when they are already standing in the room. But only some of them!
Bookings made this week are fine. I suspect the mail server, it was moved
around the same time.
"""
import sqlite3
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/Dublin")
LEAD = timedelta(hours=1)


def add_booking(db, room, email, day, clock):
    offset = datetime.now(LOCAL).utcoffset()
    start = datetime.fromisoformat(f"{day}T{clock}:00")
    start_utc = (start - offset).replace(tzinfo=timezone.utc)
    db.execute(
        "INSERT INTO booking (room, email, start_utc) VALUES (?, ?, ?)",
        (room, email.strip().lower(), start_utc.isoformat()),
    )
    db.commit()


def send_due(db, send, now=datetime.now(timezone.utc)):
    rows = db.execute("SELECT room, email, start_utc FROM booking").fetchall()
    for room, email, start_utc in rows:
        start = datetime.fromisoformat(start_utc)
        if not now <= start <= now + LEAD:
            continue
        key = f"{email}:{start.date()}"
        if db.execute("SELECT 1 FROM sent WHERE key = ?", (key,)).fetchone():
            continue
        db.execute("INSERT INTO sent (key) VALUES (?)", (key,))
        db.commit()
        send(email, f"{room} starts at {start.astimezone(LOCAL):%H:%M}")
