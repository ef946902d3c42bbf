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
        // The last line is held: on a slow machine, too, the panel is looked at often enough while it grows.
        await bench.model.plays(script(LINES, 80, { time: { held: true } }));
        await bench.select(3);
        await bench.press("Control+Alt+u");
        // A look that throws is taken again: what is found is kept, and judged at the end.
        const looks = [];
        const look = async () => {
          looks.push(await bench.text(1));
          return looks.at(-1);
        };
        await until("six looks while it grows", async () => {
          await look();
          return looks.filter((text) => text.includes("depth 1")).length > 5;
        });
        await bench.model.goesOn();
        const atTop = await until("the end", async () => (await look()) && (await bench.status()) === "" && look());
        assert.ok(atTop.startsWith("# "), atTop);
        await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").first().click();
        await bench.press("Control+End");
        await until("all of it", async () => (await look()).includes(`time ${LINES} `));
        looks.forEach(sound);
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
