// The API key: from the command into the server's environment, and nowhere else.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { ROOT, until, Workbench } from "./workbench.mjs";

/** The one that is searched for after all tests. */
const KEY = /^pub\(crate\) const CANARY: &str = "(.+)";$/m.exec(await readFile(path.join(ROOT, "tests/support/artifacts.rs"), "utf8"))[1];

export async function keys(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES } });
  try {
    await test("a key is asked for, reaches the server by its environment alone, and is forgotten", async () => {
      await bench.open("notes.md");
      await bench.palette("Kaizodo: Set API Key");
      await bench.page.locator('.quick-input-widget input[type="password"]').waitFor();
      await bench.page.keyboard.type(KEY);
      await bench.press("Enter");
      await bench.page.locator(".notification-toast", { hasText: "API key saved. Answers now come from scripted · 127.0.0.1:" }).waitFor();
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      await until("the key in the environment", async () => (await environments()).some((env) => env.includes(KEY)));
      assert.deepEqual(await filesWith(path.join(bench.home, "data/logs")), []);
      assert.ok(!(await readFile(path.join(bench.home, "data/User/settings.json"), "utf8")).includes(KEY));
      assert.ok(!JSON.stringify(await bench.model.log()).includes(KEY));
      await bench.palette("Kaizodo: Delete API Key");
      await until("a server without the key", async () => {
        const found = await environments();
        return found.length > 0 && !found.some((env) => env.includes(KEY));
      });
    }, (shot) => bench.shot(shot));
  } finally {
    await bench.stop();
  }
}

/** The environments of the servers that are running. */
async function environments() {
  const found = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (args.startsWith(`${process.env.KAIZODO_BIN}\0lsp`)) {
      found.push(await readFile(`/proc/${pid}/environ`, "utf8").catch(() => ""));
    }
  }
  return found;
}

/** The files below a folder that hold the key. */
async function filesWith(folder) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file, "utf8")).includes(KEY)) {
      found.push(file);
    }
  }
  return found;
}
