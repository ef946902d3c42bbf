// Restricted Mode: a workspace that tries to redirect the text, to name a program, or to choose what is asked; and a
// repository's own perspectives, there and in a workspace that is trusted.

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
  const repository = {
    ".kaizodo/perspectives/risks.md": "---\nname: risks\ngroup: default\ndescription: 危険\n---\n危険を挙げる。\n",
    ".kaizodo/config.toml": `base_url = "http://127.0.0.1:${other.address().port}/v1"\nmodel = "theirs"\n`,
  };
  const asked = async (bench) => {
    const requests = (await bench.model.log()).filter(({ event }) => event === "request");
    return requests.map(({ perspective }) => perspective).sort();
  };
  const bench = await Workbench.start({
    trust: false,
    files: {
      ...repository,
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
      await bench.press("Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("structure 2"));
      await bench.shot("10-restricted");
      assert.deepEqual(await asked(bench), ["breadth", "depth", "structure", "time"]);
      const requests = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.deepEqual([...new Set(requests.map(({ model, from }) => `${model} ${from}`))], ["scripted null"]);
      assert.equal(visitors, 0);
      assert.match(await bench.text(1), /エディターが制限モードなので/);
      assert.equal(await bench.page.locator('.notification-toast:has-text("Trust")').count(), 0, "nobody is asked");
      await assert.rejects(access(path.join(bench.folder, "ran")));
    }, (shot) => bench.shot(shot));
  } finally {
    await bench.stop();
  }
  const trusting = await Workbench.start({ files: { ...repository, "notes.md": NOTES } });
  try {
    await test("Trusted workspace: a repository's perspectives are used once the question is answered, its server never", async () => {
      await trusting.open("notes.md");
      await trusting.model.plays(script(2, 10));
      await trusting.select(3);
      await trusting.press("Control+Alt+u");
      const toast = trusting.page.locator('.notification-toast:has-text("its own perspectives and settings")');
      await until("the question", () => toast.isVisible());
      await toast.hover(); // or it would hide by itself before it is answered
      await trusting.shot("11-trust");
      // What is out of sight is not drawn: the note in the head takes its room.
      await until("the text", async () => (await trusting.text(1)).includes("structure 2"));
      assert.deepEqual(await asked(trusting), ["breadth", "depth", "structure", "time"]);
      await toast.locator('.monaco-button:has-text("Trust")').first().click();
      await until("the answer's echo", () => trusting.page.locator('.notification-toast:has-text("Trusted.")').isVisible());
      await trusting.model.plays(script(2, 10));
      await trusting.select(3);
      await trusting.press("Control+Alt+u");
      await until("five questions", async () => (await asked(trusting)).length === 5);
      assert.deepEqual(await asked(trusting), ["breadth", "depth", "risks", "structure", "time"]);
      assert.equal(visitors, 0);
    }, (shot) => trusting.shot(shot));
  } finally {
    await trusting.stop();
    other.close();
  }
}
