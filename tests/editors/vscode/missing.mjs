// Where there is no server: nothing is said until somebody asks. One that never answers is replaced.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function missing(test) {
  await none(test);
  await mute(test);
}

async function mute(test) {
  const folder = await mkdtemp(path.join(tmpdir(), "kaizodo-mute-"));
  const file = path.join(folder, "mute");
  await writeFile(file, "");
  const settings = { "kaizodo.server.path": path.join(import.meta.dirname, "mute-server.sh") };
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings, env: { KAIZODO_MUTE: file } });
  try {
    await bench.checks(test)("a server that never answers is replaced by Restart the Server, and what was asked is answered", async () => {
      await bench.palette("Notifications: Clear All Notifications");
      await writeFile(file, "");
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await rm(file);
      await bench.palette("Kaizodo: Restart the Server");
      await until("the answer", async () => (await bench.text(1)).includes("time 2"));
      // The one that was mute is killed two seconds later.
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      assert.equal(await toasts(bench).count(), 0);
      await bench.shot("missing-mute");
    });
  } finally {
    await bench.stop();
    await rm(folder, { recursive: true });
  }
}

async function none(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.server.path": "/nowhere/kaizodo" } });
  try {
    await bench.checks(test)("a server that is missing is told when somebody asks, and not at the first selection", async () => {
      await bench.palette("Notifications: Clear All Notifications");
      await bench.select(3);
      const toast = toasts(bench).filter({ hasText: "/nowhere/kaizodo" });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      assert.equal(await toast.count(), 0);
      await bench.press("Control+Alt+u");
      await toast.waitFor();
      await bench.shot("missing");
    });
  } finally {
    await bench.stop();
  }
}

/** The notifications that name the extension as their source; the editor may have some of its own. */
const toasts = (bench) => bench.page.locator('.notification-toast:has([aria-label*="Kaizodo"])');
