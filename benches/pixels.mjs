// When text is in the page: the workbench of VS Code in Chromium, the real extension and server, the bench's upstream.

import { createInterface } from "node:readline";
import { until, Workbench } from "../tests/editors/vscode/workbench.mjs";

const SOURCE = "The meeting runs long and decides nothing.\n";

const bench = await Workbench.start({
  files: { "notes.md": SOURCE },
  settings: { "kaizodo.baseUrl": process.argv[2], "kaizodo.model": "m", "kaizodo.lang": "en" },
});
try {
  // All of the panel is in sight.
  await bench.page.setViewportSize({ width: 1600, height: 2400 });
  console.log(JSON.stringify("ready"));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(Number(line))));
  }
} finally {
  await bench.stop();
}

/** One run of four answers of so many pieces each: when each mark was in the page, in CLOCK_MONOTONIC nanoseconds. */
async function run(pieces) {
  await bench.clear();
  await bench.open("notes.md");
  await bench.page.evaluate(watch);
  const offset = await clockOffset();
  await bench.select(1);
  const start = Number(process.hrtime.bigint());
  await bench.press("Control+Alt+u");
  await until("all pieces", () => bench.page.evaluate((all) => window.kaizodoSeen.size === all, 4 * pieces), 120_000);
  const seen = await bench.page.evaluate(() => [...window.kaizodoSeen]);
  const visible = Array.from({ length: 4 }, () => []);
  for (const [mark, at] of seen) {
    visible[Number(mark.slice(1, 4))][Number(mark.slice(5))] = Math.round(at * 1e6 + offset);
  }
  return { start, end: start, visible };
}

/** Runs in the page: notes each mark's first being in it. */
function watch() {
  window.kaizodoWatch?.disconnect();
  window.kaizodoSeen = new Map();
  window.kaizodoWatch = new MutationObserver(() => {
    const now = performance.now();
    for (const line of document.querySelectorAll(".editor-group-container .view-line")) {
      for (const [mark] of line.textContent.matchAll(/L\d{3}C\d{5}/g)) {
        if (!window.kaizodoSeen.has(mark)) {
          window.kaizodoSeen.set(mark, now);
        }
      }
    }
  });
  window.kaizodoWatch.observe(document.body, { subtree: true, childList: true, characterData: true });
}

/** CLOCK_MONOTONIC less the page's own clock, in nanoseconds: the middle of the shortest way there and back. */
async function clockOffset() {
  let best = { width: Infinity };
  for (let n = 0; n < 50; n += 1) {
    const before = Number(process.hrtime.bigint());
    const page = await bench.page.evaluate(() => performance.now());
    const width = Number(process.hrtime.bigint()) - before;
    if (width < best.width) {
      best = { width, offset: before + width / 2 - page * 1e6 };
    }
  }
  console.error(`the clocks agree within ${best.width / 2e6} ms`);
  return best.offset;
}
