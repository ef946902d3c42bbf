"""What kaizodo says when fault servers of others, or the network itself, do their worst.

Each fault is one run of the real program with all four perspectives; a row tells how many requests were sent, how the
sections ended, how much text was kept and what the user was told. A row that is not as it should be ends this with 1.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager

KAIZODO = os.environ["KAIZODO_BIN"]
SETTINGS = """
[timeouts]
connect_ms = 1000
first_byte_ms = 1500
idle_ms = 1500
total_ms = 4000
[retries]
backoff_ms = 50
"""
faults = 0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def server(command, port, ready):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{ready}", timeout=1).read()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def call(port, path, body=None, method="GET"):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"}, method=method)
    return urllib.request.urlopen(request, timeout=5).read()


def kaizodo(port, model="m", on_text=None, settings=SETTINGS):
    """The events of one run. `on_text` is called when the first text has come."""
    with tempfile.TemporaryDirectory() as home:
        os.makedirs(f"{home}/.config/kaizodo")
        with open(f"{home}/.config/kaizodo/config.toml", "w") as file:
            file.write(settings)
        env = {
            "HOME": home,
            "LANG": "en_US.UTF-8",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{port}",
            "KAIZODO_MODEL": model,
            "KAIZODO_FOCUS": "off",
            "OPENAI_API_KEY": "sk-test",
        }
        command = [KAIZODO, "run", "--json", "--text", "Meetings run long and decide nothing."]
        with subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.PIPE, text=True) as process:
            events = []
            for line in process.stdout:
                events.append(json.loads(line))
                if on_text and events[-1]["event"] == "delta":
                    on_text()
                    on_text = None
        return events


def row(name, who, events, requests, expected):
    """One row of the table. `expected` is an outcome and a failure's kind; `None` where sections differ."""
    global faults
    ends = [e for e in events if e["event"] == "branch_ended"]
    texts = {}
    for event in events:
        if event["event"] == "delta":
            texts[event["branch"]] = texts.get(event["branch"], "") + event["text"]
    kinds = [(e["outcome"], e.get("failure", {}).get("kind", "")) for e in ends]
    kept = sorted({len(texts.get(e["branch"], "")) for e in ends})
    said = {re.sub(r"127\.0\.0\.1:\d+", "HOST", e["failure"]["message"]) for e in ends if "failure" in e}
    retries = sum(e["event"] == "branch_retrying" for e in events)
    wrong = len(ends) != 4 or expected is not None and any(kind != expected for kind in kinds)
    faults += wrong
    outcome = ", ".join(sorted({" ".join(kind).strip() for kind in kinds}))
    characters = f"{kept[0]}" if len(kept) == 1 else f"{kept[0]} to {kept[-1]}"
    sentence = " / ".join(sorted(said)) or "(nothing: complete)"
    mark = " **not as expected**" if wrong else ""
    print(f"| {name} | {who} | {requests} ({retries}) | {outcome}{mark} | {characters} | {sentence} |", flush=True)


def head():
    print()
    print("| fault | server | requests (repeats) | sections end | characters kept | what they say |")
    print("|---|---|---|---|---|---|")


def llmock():
    forever = {"times": None}
    fail = lambda status, **more: [{"type": "fail", "status": status, **forever, **more}]
    broken = lambda kind, **more: [
        {"type": "stream_fault", "kind": kind, "after_chunks": 4, **forever, **more},
        {"type": "reply", "text": "one two three four five six seven eight nine ten " * 3, **forever},
    ]
    done = ("done", "")
    cases = [
        ("none", [{"type": "reply", "text": "all is well", **forever}], done),
        ("400", fail(400), ("failed", "bad_request")),
        ("401", fail(401), ("failed", "unauthorized")),
        ("402", fail(402), ("failed", "quota")),
        ("403", fail(403), ("failed", "forbidden")),
        ("404", fail(404), ("failed", "not_found")),
        ("408", fail(408), ("failed", "timeout")),
        ("413", fail(413), ("failed", "too_large")),
        ("422", fail(422), ("failed", "bad_request")),
        ("429, Retry-After 0.2, four times", [{"type": "fail", "status": 429, "retry_after": 0.2, "times": 4}], done),
        ("429 for good", fail(429, retry_after=0.1), ("failed", "rate_limited")),
        ("429, Retry-After 600", fail(429, retry_after=600), ("failed", "rate_limited")),
        ("500 for good", fail(500), ("failed", "server")),
        ("503 four times", [{"type": "fail", "status": 503, "retry_after": 0.1, "times": 4}], done),
        ("504", fail(504), ("failed", "server")),
        ("529 for good", fail(529, retry_after=0.1), ("failed", "server")),
        ("the connection drops", broken("disconnect"), ("cut_off", "interrupted")),
        ("a clean end without finish", broken("truncate"), ("cut_off", "interrupted")),
        ("broken JSON", broken("malformed"), ("cut_off", "bad_response")),
        ("a stall of 30 s", broken("stall"), ("cut_off", "timeout")),
        ("a stall of 0.5 s", broken("stall", stall_seconds=0.5), done),
        ("a first token after 30 s", [{"type": "slow_first_token", "seconds": 30, **forever}], ("failed", "timeout")),
        ("a head after 30 s", [{"type": "delay", "seconds": 30, **forever}], ("failed", "timeout")),
        ("the token limit", [{"type": "reply", "text": "half", "finish_reason": "length", **forever}], ("length", "length")),
        ("the content filter", [{"type": "reply", "text": "half", "finish_reason": "content_filter", **forever}], ("filtered", "filtered")),
        ("no text", [{"type": "reply", "text": "", **forever}], ("failed", "provider")),
        ("a megabyte of text", [{"type": "reply", "text": "word " * 200_000, **forever}], ("length", "limit")),
    ]
    command = [os.environ["LLMOCK"], "serve", "--log-level", "error"]
    head()
    port = free_port()
    with server([*command, "--port", str(port)], port, "/_llmock/scenario"):
        for name, behaviors, expected in cases:
            call(port, "/_llmock/reset", {}, "POST")
            call(port, "/_llmock/scenario", {"behaviors": behaviors}, "POST")
            # A megabyte takes its time.
            events = kaizodo(port, settings=SETTINGS.replace("4000", "60000") if "megabyte" in name else SETTINGS)
            requests = json.loads(call(port, "/_llmock/requests"))["count"]
            row(name, "llmock 0.2.2", events, requests, expected)
    port = free_port()
    quota = [*command, "--port", str(port), "--rpm", "2"]
    with server(quota, port, "/_llmock/scenario"):
        events = kaizodo(port, settings=SETTINGS.replace("[retries]", "[retries]\nwait_ms = 500"))
        requests = json.loads(call(port, "/_llmock/requests"))["count"]
        row("two requests a minute, no patience", "llmock 0.2.2", events, requests, None)
    port = free_port()
    with server([*command, "--port", str(port)], port, "/_llmock/scenario"):
        for _, behaviors, _ in cases[9:18]:
            call(port, "/_llmock/scenario", {"behaviors": behaviors[:1]}, "POST")
            kaizodo(port)
            call(port, "/_llmock/scenario", method="DELETE")
        verdict = json.loads(call(port, "/_llmock/verdict"))
        counts = {}
        for finding in verdict["findings"]:
            key = f"{finding['severity']} {finding['code']}"
            counts[key] = counts.get(key, 0) + 1
        told = ", ".join(f"{code} ({count})" for code, count in sorted(counts.items()))
        print(f"\nllmock's verdict on {verdict['calls']} questions, {verdict['attempts']} requests: {told}", flush=True)


def aimock():
    text = {"content": "one two three four five six seven eight nine ten 🙂🙂 深さ " * 3}
    model = lambda name, **more: {"match": {"model": name}, "response": text, **more}
    refuses = lambda name, status, **more: {
        "match": {"model": name},
        "response": {"error": {"message": "scripted", **more}, "status": status},
    }
    done = ("done", "")
    cases = [
        ("none", model("plain"), done),
        ("one character a chunk", model("single", chunkSize=1), done),
        ("halves of surrogates (chunks of 3)", model("halves", chunkSize=3), done),
        ("all in one chunk", model("one", chunkSize=100000), done),
        ("401", refuses("e401", 401, code="invalid_api_key"), ("failed", "unauthorized")),
        ("429 for good", refuses("e429", 429), ("failed", "rate_limited")),
        ("500 for good", refuses("e500", 500), ("failed", "server")),
        ("503 for good", refuses("e503", 503), ("failed", "server")),
        ("chaos: dropped with a 500", model("drop", chaos={"dropRate": 1}), ("failed", "server")),
        ("chaos: malformed JSON with a 200", model("malformed", chaos={"malformedRate": 1}), ("failed", "bad_response")),
        ("chaos: rate limit", model("limit", chaos={"rateLimitRate": 1}), ("failed", "rate_limited")),
        ("chaos: destroyed before a byte", model("destroy", chaos={"disconnectRate": 1}), ("failed", "interrupted")),
        ("chaos: 10 s before the head", model("late", chaos={"latencyMs": 10000}), ("failed", "timeout")),
        ("disconnected after 300 ms", model("disconnect", disconnectAfterMs=300, latency=50, chunkSize=4), ("cut_off", "interrupted")),
        ("truncated after three chunks", model("truncate", truncateAfterChunks=3, latency=20), ("cut_off", "interrupted")),
        ("a drip of 400 ms a chunk", model("drip", latency=400, chunkSize=2), ("cut_off", "timeout")),
        ("a first token after 10 s", model("ttft", streamingProfile={"ttft": 10000, "tps": 50}), ("failed", "timeout")),
        ("no such model", {"match": {"model": "never"}, "response": text}, ("failed", "not_found")),
    ]
    head()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/faults.json", "w") as file:
            json.dump({"fixtures": [fixture for _, fixture, _ in cases]}, file)
        port = free_port()
        command = ["node", os.environ["AIMOCK"], "-p", str(port), "-f", f"{folder}/faults.json", "--log-level", "silent"]
        with server(command, port, "/health"):
            for name, fixture, expected in cases:
                asked = fixture["match"]["model"]
                call(port, "/v1/_requests", method="DELETE")
                events = kaizodo(port, "nobody" if asked == "never" else asked)
                requests = len(json.loads(call(port, "/v1/_requests")))
                row(name, "aimock 1.43.0", events, requests, expected)


def nft(*words):
    subprocess.run(["nft", " ".join(words)], check=True)


def network():
    """Runs in a network namespace of its own, whose packet filter may be changed."""
    nft("add table inet k")
    port = free_port()
    command = [os.environ["LLMOCK"], "serve", "--log-level", "error", "--port", str(port), "--stream-chunk-delay-ms", "100"]
    to_server, to_client = f"tcp dport {port}", f"tcp sport {port}"
    text = {"type": "reply", "text": "one two three four five six seven eight nine ten " * 20, "times": None}
    head()
    with server(command, port, "/_llmock/scenario"):
        for name, rule, when, expected in [
            ("a true RST after the first text", f"{to_server} reject with tcp reset", "text", ("cut_off", "interrupted")),
            ("a black hole after the first text", f"{to_client} drop", "text", ("cut_off", "timeout")),
            ("a black hole before the connection", f"{to_server} drop", "before", ("failed", "unreachable")),
            ("a RST to each connection", f"{to_server} reject with tcp reset", "before", ("failed", "unreachable")),
        ]:
            call(port, "/_llmock/reset", {}, "POST")
            call(port, "/_llmock/scenario", {"behaviors": [text]}, "POST")
            close = lambda: (nft("add chain inet k in { type filter hook input priority 0; }"), nft("add rule inet k in", rule))
            if when == "before":
                close()
            events = kaizodo(port, on_text=close if when == "text" else None)
            nft("delete chain inet k in")
            requests = json.loads(call(port, "/_llmock/requests"))["count"]
            row(name, "nftables, llmock 0.2.2", events, requests, expected)


for part in sys.argv[1:]:
    {"llmock": llmock, "aimock": aimock, "network": network}[part]()
if faults:
    print(f"\n{faults} rows are not as they should be.")
sys.exit(bool(faults))
