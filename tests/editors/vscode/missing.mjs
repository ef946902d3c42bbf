// Where there is no server: nothing is said until somebody asks.

import assert from "node:assert/strict";
import { NOTES } from "./scripts.mjs";
import { Workbench } from "./workbench.mjs";

export async function missing(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.server.path": "/nowhere/kaizodo" } });
  try {
    await bench.checks(test)("a server that is missing is told when somebody asks, and not at the first selection", async () => {
      await bench.select(3);
      const toast = bench.page.locator(".notification-toast", { hasText: "/nowhere/kaizodo" });
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
