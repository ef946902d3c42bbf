// When text is seen on a page: that of `kaizodo serve`, or the article's, in Chromium, with the bench's upstream.
//
//   page.mjs URL kaizodo PROGRAM     URL: the synthetic model's; a line on stdin asks for one run, its number of pieces
//   page.mjs URL article PYTHON

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const { chromium } = createRequire(new URL("../tests/web/package.json", import.meta.url))("playwright-core");
const [url, who, program] = process.argv.slice(2);
const TEXT = "The meeting runs long and decides nothing.";

const home = await mkdtemp(path.join(tmpdir(), "kaizodo-bench-"));
const env = { PATH: process.env.PATH, HOME: home, LANG: "en_US.UTF-8" };
const server =
  who === "kaizodo"
    ? spawn(program, ["serve", "--port", "0"], { env: { ...env, OPENAI_BASE_URL: url, KAIZODO_MODEL: "m", KAIZODO_FOCUS: "off" }, stdio: ["ignore", "pipe", "inherit"] })
    : spawn(program, [new URL("python/page.py", import.meta.url).pathname, url], { env: { ...env, OPENAI_API_KEY: "bench", GRADIO_ANALYTICS_ENABLED: "False" }, stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve) => createInterface({ input: server.stdout }).once("line", resolve));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  // All of the answers are in sight.
  const page = await browser.newPage({ viewport: { width: 1600, height: 1200 }, locale: "en-US" });
  await page.goto(address);
  const field = who === "kaizodo" ? page.locator("#text") : page.getByLabel("課題");
  await field.waitFor();
  console.log(JSON.stringify("ready"));
  for await (const line of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await run(page, field, Number(line))));
  }
} finally {
  await browser.close();
  server.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
}

/** One run of four answers of so many pieces each: when each mark was on the page, in CLOCK_MONOTONIC nanoseconds. */
async function run(page, field, pieces) {
  // Nothing of an earlier run is on it.
  await page.goto("about:blank");
  await page.goto(address);
  await page.evaluate(watch, who);
  const offset = await clockOffset(page);
  await field.fill(TEXT);
  const start = Number(process.hrtime.bigint());
  await page.getByRole("button", { name: "Start" }).click();
  await page.waitForFunction((all) => window.kaizodoSeen.size === all, 4 * pieces, { polling: 500, timeout: 180_000 });
  const seen = await page.evaluate(() => [...window.kaizodoSeen]);
  const visible = Array.from({ length: 4 }, () => []);
  for (const [mark, at] of seen) {
    visible[Number(mark.slice(1, 4))][Number(mark.slice(5))] = Math.round(at * 1e6 + offset);
  }
  return { start, end: start, visible };
}

/** Runs in the page: notes the end of the first frame that each mark is in. Both pages are looked at in the same way. */
function watch(who) {
  window.kaizodoSeen = new Map();
  const lengths = new Map();
  const panes = who === "kaizodo" ? () => document.querySelectorAll(".pane .answer") : () => document.querySelectorAll("textarea");
  const text = who === "kaizodo" ? (pane) => pane.textContent : (pane) => pane.value;
  const look = () => {
    const now = performance.now();
    for (const pane of panes()) {
      const shown = text(pane);
      if (lengths.get(pane) === shown.length) {
        continue;
      }
      lengths.set(pane, shown.length);
      for (const [mark] of shown.matchAll(/L\d{3}C\d{5}/g)) {
        if (!window.kaizodoSeen.has(mark)) {
          window.kaizodoSeen.set(mark, now);
        }
      }
    }
  };
  // A message that is posted in a frame comes once the frame has been drawn.
  const channel = new MessageChannel();
  channel.port1.onmessage = look;
  const frame = () => {
    channel.port2.postMessage(0);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** CLOCK_MONOTONIC less the page's own clock, in nanoseconds: the middle of the shortest way there and back. */
async function clockOffset(page) {
  let best = { width: Infinity };
  for (let n = 0; n < 50; n += 1) {
    const before = Number(process.hrtime.bigint());
    const now = await page.evaluate(() => performance.now());
    const width = Number(process.hrtime.bigint()) - before;
    if (width < best.width) {
      best = { width, offset: before + width / 2 - now * 1e6 };
    }
  }
  console.error(`the clocks agree within ${best.width / 2e6} ms`);
  return best.offset;
}
