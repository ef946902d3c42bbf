#!/usr/bin/env node
// The server, behind an editor that is slow to get what it has pulled: every reply to `workspace/textDocumentContent` is
// held back, while all else passes. The program is KAIZODO_BIN, the wait HOLD_MS.

import { spawn } from "node:child_process";

const HOLD_MS = Number(process.env.HOLD_MS ?? 900);
const server = spawn(process.env.KAIZODO_BIN, process.argv.slice(2), { stdio: ["pipe", "pipe", "inherit"] });
const pulls = new Set();

/** Hands on each whole message of a stream, as its bytes and its JSON. */
function messages(stream, take) {
  let held = Buffer.alloc(0);
  stream.on("data", (data) => {
    held = Buffer.concat([held, data]);
    for (;;) {
      const head = held.indexOf("\r\n\r\n");
      const length = Number(/content-length: *(\d+)/i.exec(held.subarray(0, Math.max(head, 0)).toString())?.[1]);
      if (head < 0 || held.length < head + 4 + length) {
        return;
      }
      const bytes = held.subarray(0, head + 4 + length);
      held = held.subarray(bytes.length);
      take(bytes, JSON.parse(bytes.subarray(head + 4).toString()));
    }
  });
}

messages(process.stdin, (bytes, { id, method }) => {
  if (method === "workspace/textDocumentContent") {
    pulls.add(id);
  }
  server.stdin.write(bytes);
});
process.stdin.on("end", () => server.stdin.end());
messages(server.stdout, (bytes, { id, method }) => {
  if (method === undefined && pulls.delete(id)) {
    setTimeout(() => process.stdout.write(bytes), HOLD_MS);
  } else {
    process.stdout.write(bytes);
  }
});
server.on("exit", (code) => process.exit(code ?? 1));
process.on("SIGTERM", () => server.kill());
