"""What kaizodo says of llama.cpp's own server: the rows of llama.sh."""

import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

WINDOW = 1024
# Refuses a system message in the words of many templates.
TEMPLATE = (
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SENTENCE = "The weekly meeting runs long because nobody decides who owns a question.\n"
SHORT = SENTENCE * 3
LONG = SENTENCE * 300


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Llama:
    """A running llama-server with a small window."""

    def __init__(self, *arguments, slots=1):
        self.port = free_port()
        command = [os.environ["LLAMA_SERVER"], "-m", os.environ["LLAMA_MODEL"], "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "-np", str(slots), "-c", str(WINDOW * slots), "-t", "1", *arguments]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet)

    def __enter__(self):
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=2)
                return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise SystemExit("llama-server does not start")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def post(self, path, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        return urllib.request.urlopen(request, timeout=300)


class Relay:
    """Passes requests on to a server, counts them, and changes a body on its way."""

    def __init__(self, llama, change=lambda body: body):
        relay = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                relay.requests.append(body)
                try:
                    response = llama.post(self.path, change(body))
                except urllib.error.HTTPError as error:
                    response = error
                self.send_response(response.status)
                self.send_header("content-type", response.headers.get("content-type", ""))
                self.end_headers()
                for line in response:
                    self.wfile.write(line)
                    self.wfile.flush()

            def do_GET(self):
                self.send_error(404)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


def run(url, text, settings="", lang="en"):
    """One run on the command line: its status, and what it printed as events."""
    with tempfile.TemporaryDirectory() as home:
        folder = os.path.join(home, ".config/kaizodo")
        os.makedirs(folder)
        with open(os.path.join(folder, "config.toml"), "w") as file:
            file.write('perspectives = ["depth", "time"]\n' + settings)
        path = os.path.join(home, "notes.md")
        with open(path, "w") as file:
            file.write(text)
        env = {"HOME": home, "LANG": "en_US.UTF-8", "OPENAI_BASE_URL": url, "KAIZODO_MODEL": "smol", "KAIZODO_FOCUS": "off"}
        command = [os.environ["KAIZODO_BIN"], "run", "--json", "--lang", lang, path]
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
        events = [json.loads(line) for line in done.stdout.decode().splitlines()]
        return done.returncode, [event for event in events if event["event"] == "branch_ended"]


def system():
    """A template without a system role: answered, whether the server folds the text in by itself or refuses it."""
    with Llama("--jinja", "--chat-template", TEMPLATE) as llama, Relay(llama) as relay:
        code, ends = run(relay.url, SHORT, "[limits]\nmax_tokens = 48\n")
        return ends, all(end["outcome"] in ("done", "length") for end in ends), relay.requests


def max_tokens():
    """The tokens that may be written fill the window: the answer gets what is left, or is told why not."""
    with Llama() as llama, Relay(llama) as relay:
        code, ends = run(relay.url, SENTENCE * 20, "[limits]\nmax_tokens = 1024\n")
        return ends, all(end["outcome"] in ("done", "length") for end in ends), relay.requests


def too_long():
    """A text that is longer than the window: told in one request."""
    with Llama() as llama, Relay(llama) as relay:
        code, ends = run(relay.url, LONG, "[limits]\nmax_tokens = 48\n")
        told = all(end["outcome"] == "failed" and end["failure"]["kind"] == "too_large" for end in ends)
        return ends, told and code == 1 and len(relay.requests) == 2, relay.requests


def cut():
    """A text that is cut to the window, as Ollama cuts it: llama.cpp itself refuses, so the relay cuts, by its tokens."""
    with Llama() as llama:

        def to_the_window(body):
            user = body["messages"][-1]
            tokens = json.load(llama.post("/tokenize", {"content": user["content"]}))["tokens"]
            last = json.load(llama.post("/detokenize", {"tokens": tokens[-(WINDOW - 250) :]}))
            user["content"] = last["content"]
            return body

        with Relay(llama, to_the_window) as relay:
            code, ends = run(relay.url, LONG, "[limits]\nmax_tokens = 48\n")
            told = all(end["outcome"] == "cut_off" and end["failure"]["kind"] == "too_large" for end in ends)
            return ends, told and code == 1 and len(relay.requests) == 2, relay.requests


def children():
    """The llama-servers that kaizodo has started and that are alive."""
    found = subprocess.run(["ps", "-eo", "stat=,args="], capture_output=True, text=True, check=True).stdout
    server = os.environ["LLAMA_SERVER"]
    return [line for line in found.splitlines() if f" {server} --ctx-size" in line and not line.startswith("Z")]


def with_gguf(model):
    """One run with a model file in the settings, and no server: its events, and whether nothing is left of it."""
    with tempfile.TemporaryDirectory() as home:
        env = {"HOME": home, "LANG": "en_US.UTF-8", "KAIZODO_GGUF": model, "KAIZODO_FOCUS": "off"}
        folder = os.path.join(home, ".config/kaizodo")
        os.makedirs(folder)
        with open(os.path.join(folder, "config.toml"), "w") as file:
            server = json.dumps(os.environ["LLAMA_SERVER"])
            file.write(f'perspectives = ["depth", "time"]\nllama_server = {server}\n[limits]\nmax_tokens = 48\n')
        command = [os.environ["KAIZODO_BIN"], "run", "--json", "--lang", "en", "--text", SHORT]
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=900)
        for _ in range(100):
            if not children():
                break
            time.sleep(0.1)
        return [json.loads(line) for line in done.stdout.decode().splitlines()], not children()


def gguf():
    """A model file in the settings: its server is started, waited for, asked, and ended."""
    events, is_gone = with_gguf(os.environ["LLAMA_MODEL"])
    ends = [event for event in events if event["event"] == "branch_ended"]
    noted = [event for event in events if event["event"] == "branch_noted"]
    waited = any("starting llama-server" in event["note"] for event in noted)
    answered = all(end["outcome"] in ("done", "length") and end.get("usage") for end in ends)
    return ends, waited and answered and is_gone and len(ends) == 2, []


def gguf_cut():
    """A model file that was not fully downloaded: the server's own words are told."""
    with tempfile.NamedTemporaryFile(suffix=".gguf") as part:
        with open(os.environ["LLAMA_MODEL"], "rb") as whole:
            part.write(whole.read(8 << 20))
        part.flush()
        events, is_gone = with_gguf(part.name)
    ends = [event for event in events if event["event"] == "branch_ended"]
    told = all("exited before the model was loaded" in end["failure"]["message"] for end in ends)
    return ends, told and is_gone and len(ends) == 2, []


ROWS = {row.__name__: row for row in (system, max_tokens, too_long, cut, gguf, gguf_cut)}


def main():
    names = sys.argv[1:] or list(ROWS)
    wrong = []
    print("| row | what happens | requests | sections end | what they say |\n|---|---|---|---|---|")
    for name in names:
        ends, good, requests = ROWS[name]()
        outcomes = sorted({end["outcome"] for end in ends})
        said = sorted({end.get("failure", {}).get("message", "–") for end in ends})
        about = ROWS[name].__doc__.split(":")[0]
        print(f"| {name} | {about} | {len(requests)} | {', '.join(outcomes)} | {' / '.join(said)} |", flush=True)
        if not good:
            wrong.append(name)
    if wrong:
        print(f"\nNot as it should be: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
