// An editor that gets late what it has pulled: the panel is never garbled, and in the end whole.

import assert from "node:assert/strict";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const LINES = 30;

export async function slow(test) {
  const settings = { "kaizodo.server.path": path.join(import.meta.dirname, "slow-server.mjs") };
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings });
  const check = bench.checks(test);
  try {
    for (const round of [1, 2, 3]) {
      await check(`a panel whose text comes 0.9 s late is never garbled (${round})`, async () => {
        await bench.model.plays(script(LINES, 80));
        await bench.select(3);
        await bench.press("Control+Alt+u");
        let seen = 0;
        const done = await until(
          "the end",
          async () => {
            const text = await bench.text(1);
            seen += text.includes("depth 1") ? 1 : 0;
            sound(text);
            return seen > 0 && (await bench.status()) === "" && text;
          },
          40_000,
        );
        assert.ok(seen > 5, `looked ${seen} times while it grew`);
        await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").first().click();
        await bench.press("Control+End");
        await until("all of it", async () => {
          const text = await bench.text(1);
          sound(text);
          return text.includes(`time ${LINES} `);
        });
        assert.ok(done.startsWith("# "), done);
      });
    }
  } finally {
    await bench.stop();
  }
}

/** Fails where a line in sight is neither the model's nor the panel's own, or lines are out of order. */
function sound(text) {
  const items = [...text.matchAll(/- (\w+) (\d+) を考える/g)].map(([, name, at]) => [name, Number(at)]);
  for (const [before, now] of items.map((item, i) => [items[i - 1], item])) {
    assert.ok(before?.[0] !== now[0] || now[1] === before[1] + 1, `${before} before ${now}: ${text}`);
  }
  // What is left without the model's lines: heads, states, and a line that is being written.
  const rest = text.replace(/- (depth|breadth|structure|time) \d+ を考える/g, "");
  assert.doesNotMatch(rest, /を考える|(depth|breadth|structure|time) \d/, text);
}
