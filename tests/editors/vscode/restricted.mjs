// Restricted Mode: a workspace that tries to redirect the text, to name a program, or to choose what is asked.

import assert from "node:assert/strict";
import { access, chmod } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function restricted(test) {
  let visitors = 0;
  const other = createServer((socket) => {
    visitors += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const workspace = {
    "kaizodo.baseUrl": `http://127.0.0.1:${other.address().port}/v1`,
    "kaizodo.server.path": "WORK/evil",
    "kaizodo.headers": { "X-From": "workspace" },
    "kaizodo.model": "theirs",
    "kaizodo.perspectives": ["time"],
    "kaizodo.sets": { theirs: ["time"] },
  };
  const bench = await Workbench.start({
    trust: false,
    files: {
      "notes.md": NOTES,
      evil: '#!/bin/sh\ntouch "$(dirname "$0")/ran"\n',
      ".vscode/settings.json": JSON.stringify(workspace),
    },
  });
  try {
    await test("Restricted Mode: a workspace cannot redirect the text, name a program or choose what is asked", async () => {
      await chmod(path.join(bench.folder, "evil"), 0o755);
      await until("Restricted Mode", () => bench.page.locator('.statusbar-item:has-text("Restricted Mode")').isVisible());
      await bench.open("notes.md");
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.press("Control+Alt+k");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      await bench.shot("10-restricted");
      const requests = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.deepEqual(requests.map(({ perspective }) => perspective).sort(), ["breadth", "depth", "structure", "time"]);
      assert.deepEqual([...new Set(requests.map(({ model, from }) => `${model} ${from}`))], ["scripted null"]);
      assert.equal(visitors, 0);
      await assert.rejects(access(path.join(bench.folder, "ran")));
    }, (shot) => bench.shot(shot));
  } finally {
    await bench.stop();
    other.close();
  }
}
