// The grid as it comes: the default view, read from its beginning, with marks, costs and the ways to the other views.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const PRICES = { scripted: { input: 2, output: 10 } };
const NAMES = ["depth", "breadth", "structure", "time"];
const long = (name, lines) => ({ chunks: Array.from({ length: lines }, (_, n) => `- ${name} ${n + 1} を考える\n`) });

export async function grid(test) {
  const settings = { "kaizodo.view": undefined, "kaizodo.prices": PRICES };
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings });
  const check = bench.checks(test);
  const run = async (more = {}) => {
    await bench.model.plays({ ...Object.fromEntries(NAMES.map((name) => [name, long(name, 3)])), ...more });
    await bench.select(3);
    await bench.press("Control+Alt+u");
  };
  const ended = async () => {
    for (const name of NAMES) {
      await page(bench).locator(`[data-branch="${name}"][data-look="done"]`).waitFor();
    }
    await until("the end", async () => (await bench.status()) === "");
  };
  try {
    await check("the grid is what opens: each pane from its first line, its cost below, and the sum of the run", async () => {
      await run({ depth: long("depth", 60) });
      await ended();
      const first = await page(bench).locator('[data-branch="depth"] li').first().boundingBox();
      const window = await bench.page.locator("iframe.webview.ready >> visible=true").boundingBox();
      assert.ok(first.y > window.y && first.y < window.y + 250, JSON.stringify([first, window]));
      const says = async (selector, wanted) => wanted.test(await page(bench).locator(selector).innerText());
      await until("its cost", () => says('[data-branch="depth"] .facts', /^scripted · 120 → 60 tokens · [\d.]+ s · \$0\.0008$/));
      await until("the sum", () => says(".total", /^Σ 4 requests · 480 → 69 tokens · [\d.]+ s · \$0\.0017$/));
      const scrollers = await page(bench).evaluate((body) => [...body.querySelectorAll(".pane, .body")].filter((e) => e.scrollHeight > e.clientHeight + 1).length);
      assert.equal(scrollers, 0, "no scroller in a scroller");
      await bench.shot("grid-default");
      // The focus alone would scroll the page, too, by more or less as its fonts are.
      await page(bench).locator('[data-branch="depth"] .body').evaluate((body) => body.focus({ preventScroll: true }));
      await bench.press("ArrowDown", "ArrowDown");
      await until("two lines down", () => page(bench).evaluate(() => scrollY > 20 && scrollY < 200));
      await bench.press("Enter");
      await until("one pane alone", async () => (await page(bench).locator(".pane >> visible=true").count()) === 1);
      await bench.shot("grid-alone");
      await bench.press("Escape");
      await until("all again", async () => (await page(bench).locator(".pane >> visible=true").count()) === 4);
    });

    await check("an item is kept, commented on by the input box, and its section is rewritten with the marks", async () => {
      await run();
      await ended();
      const pane = page(bench).locator('[data-branch="depth"]');
      await pane.locator(".answer li", { hasText: "depth 2" }).click({ clickCount: 3 });
      await pane.locator(".mark-keep").click();
      await pane.locator(".mark", { hasText: "Keep “depth 2" }).waitFor();
      await pane.locator(".answer li", { hasText: "depth 3" }).click({ clickCount: 3 });
      await pane.locator(".mark-comment").click();
      await bench.field();
      await bench.page.keyboard.type("本当に三つ目ですか");
      await bench.press("Enter");
      await pane.locator(".mark", { hasText: "本当に三つ目ですか" }).waitFor();
      assert.deepEqual(await pane.locator("[data-mark]").evaluateAll((all) => all.map((e) => e.dataset.mark)), ["keep", "comment"]);
      await bench.shot("grid-marks");
      await pane.locator(".answer li", { hasText: "depth 3" }).click({ clickCount: 3 });
      await pane.locator(".mark-comment").click();
      await until("what was said before", async () => (await input(bench).inputValue()) === "本当に三つ目ですか");
      await bench.press("Escape");
      await pane.locator(".answer li", { hasText: "depth 2" }).click({ clickCount: 3 });
      await pane.locator(".mark-keep").click();
      await until("one mark", async () => (await pane.locator(".mark").count()) === 1);
      await bench.model.plays({ revision: { chunks: ["- 印のとおりに\n"] }, question: { chunks: ["- 印のとおりに\n"] }, depth: { chunks: ["- 印のとおりに\n"] } });
      await pane.locator(".revise button").click();
      await pane.locator(".answer", { hasText: "印のとおりに" }).waitFor();
      const asked = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.ok(asked.length === 1 && asked[0].messages.at(-1).includes("本当に三つ目ですか"), JSON.stringify(asked));
      assert.equal(await pane.locator(".mark").count(), 0);
    });

    await check("text and preview are one click away, and the grid is from there", async () => {
      await run();
      await ended();
      await page(bench).locator(".as-text").click();
      assert.equal(await bench.groups(), 2, "beside the source, where the grid is");
      await until("the text", async () => (await bench.text(1)).includes("- depth 2 を考える"));
      await bench.page.locator('.editor-group-container .editor-actions .action-label[aria-label^="Open as Grid"]').first().waitFor();
      await bench.shot("grid-as-text");
      await bench.page.locator('.editor-group-container .editor-actions .action-label[aria-label^="Open as Rendered Preview"]').first().click();
      await until("the preview", async () => (await preview(bench, "depth 2 を考える")) !== undefined);
      await bench.palette("Kaizodo: Open as Grid");
      await page(bench).locator('[data-branch="time"]').waitFor();
    });
  } finally {
    await bench.stop();
  }
}

/** What a rendered preview shows, once it has `text` in it. */
async function preview(bench, text) {
  for (const frame of bench.page.frames()) {
    const shown = await frame.evaluate(() => [document.querySelector(".markdown-body") !== null, document.body?.innerText ?? ""]).catch(() => [false, ""]);
    if (shown[0] && shown[1].includes(text)) {
      return shown[1];
    }
  }
  return undefined;
}

const input = (bench) => bench.page.locator(".quick-input-widget input:visible").first();

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");
