#!/usr/bin/env python3
"""A model server for tests: OpenAI's chat completions on a loopback port, streamed from a script.

    upstream.py SCRIPT LOG

prints its port. SCRIPT is a JSON file that is read anew for every request: perspective, "focus" for
the request that reads what the others wrote, or "question" for one of the reader's -> {"chunks": [...], "delay_ms": 20, "status": 200,
"hang": false, "held": false}; "*" is for all that are not named. A script that is held sends all but its last chunk, and that one once the
file SCRIPT.go is there. LOG gets one JSON line for every request that came and for every connection that
closed before its answer was complete.
"""

import http.server
import json
import os
import re
import select
import sys
import threading
import time

SCRIPT, LOG = sys.argv[1:3]
NAMES = {
    "深さ": "depth", "Depth": "depth",
    "広さ": "breadth", "Breadth": "breadth",
    "構造": "structure", "Structure": "structure",
    "時間": "time", "Time": "time",
}
log_lock = threading.Lock()


def log(**entry):
    with log_lock, open(LOG, "a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def text_of(message):
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


QUESTION = ("ここまでを読んだ書き手からの質問:", "The author has read this and asks:")


def perspective_of(body):
    if any(asks in text_of(body["messages"][-1]) for asks in QUESTION):
        return "question"
    text = "\n".join(text_of(message) for message in body["messages"])
    if re.search(r"^<<<NOTE 1 ", text, re.MULTILINE):
        return "focus"
    found = re.findall(r"^(?:あなたの視点|Your side of the text): *(\S+)", text, re.MULTILINE)
    return NAMES.get(found[-1], found[-1]) if found else "unknown"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def plain(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.endswith("/models"):
            self.plain(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        else:
            self.plain(404, {"error": {"message": "no such path"}})

    def gone_within(self, seconds):
        """Waits, and tells whether the client hung up meanwhile."""
        readable, _, _ = select.select([self.connection], [], [], seconds)
        return bool(readable) and not self.connection.recv(1, 2)  # 2 is MSG_PEEK

    def send(self, value):
        data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        event = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
        self.wfile.flush()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = perspective_of(body)
        log(
            event="request",
            perspective=name,
            model=body.get("model"),
            effort=body.get("reasoning_effort"),
            messages=[text_of(m) for m in body["messages"]],
            **{"from": self.headers.get("X-From")},
        )
        with open(SCRIPT, encoding="utf-8") as file:
            script = json.load(file)
        script = script.get(name, script.get("*", {}))
        status = script.get("status", 200)
        if status != 200:
            self.plain(status, {"error": {"message": f"scripted {status}", "type": "scripted"}})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            complete = self.answer(script, body.get("model", "scripted"))
        except OSError:
            complete = False
        if not complete:
            log(event="closed", perspective=name)
            self.close_connection = True

    def answer(self, script, model):
        delay = script.get("delay_ms", 10) / 1000
        chunks = script.get("chunks", ["- 1 …\n"])

        def choice(delta, finish=None):
            return {
                "id": "chatcmpl-1",
                "object": "chat.completion.chunk",
                "model": model,
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
            }

        self.send(choice({"role": "assistant", "content": ""}))
        for number, text in enumerate(chunks, 1):
            while script.get("held") and number == len(chunks) and not os.path.exists(SCRIPT + ".go"):
                if self.gone_within(0.05):
                    return False
            self.send(choice({"content": text}))
            if self.gone_within(delay):
                return False
        while script.get("hang"):
            if self.gone_within(0.05):
                return False
        self.send(choice({}, "stop"))
        tokens = {"prompt_tokens": 120, "completion_tokens": len(chunks), "total_tokens": 120 + len(chunks)}
        self.send({**choice({}), "choices": [], "usage": tokens})
        self.send("[DONE]")
        self.wfile.write(b"0\r\n\r\n")
        return True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    # The test's end closes our input: then we end too.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while sys.stdin.read(1):
        time.sleep(0)
