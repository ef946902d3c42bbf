"""What both programs share: how they are started, and what they tell of themselves.

The consumer is the least that a page does: it takes each tuple and sees how much of every pane is there. A piece is
visible when the tuple that holds it has come. Times are CLOCK_MONOTONIC in nanoseconds.
"""

import asyncio
import json
import os
import re
import sys
import time

from openai import AsyncOpenAI


def peak_memory() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) * 1024


async def consume(answers, lanes: int, piece: int) -> dict:
    visible: list[list[int]] = [[] for _ in range(lanes)]
    handed = 0
    start, cpu = time.monotonic_ns(), time.process_time_ns()
    try:
        async for texts in answers:
            now = time.monotonic_ns()
            for seen, text in zip(visible, texts):
                handed += len(text)  # all of it is ASCII: characters are bytes
                more = len(text) // piece - len(seen)
                if more:
                    seen.extend([now] * more)
    except Exception as error:  # what a page shows as "Error"
        print(f"ended by {type(error).__name__}", file=sys.stderr)
    end = time.monotonic_ns()
    return {
        "start": start,
        "end": end,
        "cpu": time.process_time_ns() - cpu,
        "rss": peak_memory(),
        "handed": handed,
        "visible": visible,
    }


def run(make_answers) -> None:
    """`PROGRAM URL LANES PIECE TEXT`; LANES 0 gets ready and ends."""
    url, lanes, piece, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    os.environ.setdefault("OPENAI_API_KEY", "bench")
    client = AsyncOpenAI(base_url=url)
    ready = time.monotonic_ns()
    if lanes == 0:
        print(json.dumps({"ready": ready, "rss": peak_memory()}))
        return
    prompts = [f"{text} Answer as lane-{lane:03}." for lane in range(lanes)]
    record = asyncio.run(consume(make_answers(client, prompts), lanes, piece))
    print(json.dumps({"ready": ready, **record}))
