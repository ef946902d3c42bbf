"""Serves a folder to this machine alone while a command runs, which finds the address in KAIZODO_DOWNLOAD_URL.

  serve.py FOLDER COMMAND…
"""

import functools
import http.server
import os
import subprocess
import sys
import threading


class Files(http.server.ThreadingHTTPServer):
    """Serves a folder on a port of its own."""

    def __init__(self, folder):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


if __name__ == "__main__":
    files = Files(sys.argv[1])
    sys.exit(subprocess.run(sys.argv[2:], env={**os.environ, "KAIZODO_DOWNLOAD_URL": files.address}).returncode)
