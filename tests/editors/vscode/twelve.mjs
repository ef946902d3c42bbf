// A run of twelve views and a focus at 60 and 100 columns, in each view; and the reader's place in a rendered preview.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const TWELVE = [
  "depth", "breadth", "structure", "time", "failures", "misreadings", "test-gaps", "scale", "options", "assumptions", "stakes", "in-a-year",
];
const ENGLISH = "Our tests fail now and then.\nOn CI they usually pass when started again.\nNobody knows the cause yet.\n";
/** The width of a window whose half is about so many columns of text. */
const WIDTHS = { 60: 1060, 100: 1660 };

export async function twelve(test) {
  const settings = { "kaizodo.perspectives": TWELVE, "kaizodo.view": "grid", "workbench.activityBar.location": "hidden" };
  const bench = await Workbench.start({ files: { "notes.md": NOTES, "en.md": ENGLISH }, settings, env: { KAIZODO_FOCUS: "" } });
  const check = bench.checks(test);
  const said = {
    chunks: ["**まだ数えていない**ことがある。\n\n", "- 何回に一回落ちるのか\n", "- `CI` だけか\n\n", "| 場合 | 回数 |\n|---|---|\n| 負荷が高い | 3 |\n"],
    delay_ms: 10,
  };
  const run = async (file) => {
    // The command is offered only while there is one.
    if (await bench.page.locator(".part.sidebar").isVisible()) {
      await bench.palette("View: Close Primary Side Bar");
    }
    await bench.open(file);
    await bench.model.plays({ "*": said });
    await bench.select(3);
    await bench.press("Control+Alt+u");
    await until("thirteen requests", async () => (await bench.model.log()).filter(({ event }) => event === "request").length === 13);
    await until("the end", async () => (await bench.status()) === "");
  };
  try {
    for (const [language, file] of [["ja", "notes.md"], ["en", "en.md"]]) {
      await check(`twelve views stand below their focus at any width: the grid, ${language}`, async () => {
        await run(file);
        await page(bench).locator(".pane.folded").nth(11).waitFor();
        assert.equal(await page(bench).locator(".pane").count(), 13);
        for (const [columns, width] of Object.entries(WIDTHS)) {
          await bench.page.setViewportSize({ width, height: 1000 });
          await until("a page that fits", () => page(bench).evaluate(() => document.documentElement.scrollWidth <= innerWidth));
          await bench.shot(`twelve-grid-${columns}-${language}`);
        }
        await page(bench).locator(".sections button", { hasText: /開く|Unfold/ }).click();
        await until("open views", async () => (await page(bench).locator(".pane.folded").count()) === 0);
        await bench.shot(`twelve-open-100-${language}`);
      });

      await check(`twelve views stand below their focus at any width: text and preview, ${language}`, async () => {
        await bench.palette("Kaizodo: Open as Text");
        await until("the text", async () => (await bench.text(1)).startsWith("# "));
        for (const [columns, width] of Object.entries(WIDTHS)) {
          await bench.page.setViewportSize({ width, height: 1000 });
          await bench.shot(`twelve-text-${columns}-${language}`);
        }
        await bench.palette("Kaizodo: Open as Rendered Preview");
        await until("the preview", async () => (await preview(bench))?.headings >= 13);
        for (const [columns, width] of Object.entries(WIDTHS)) {
          await bench.page.setViewportSize({ width, height: 1000 });
          await bench.shot(`twelve-preview-${columns}-${language}`);
        }
      });
    }
  } finally {
    await bench.stop();
  }
}

export async function place(test) {
  await placeInGrid(test);
  await placeInText(test);
  await placeInPreview(test);
}

async function placeInPreview(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.view": "preview" } });
  const chunks = Array.from({ length: 40 }, (_, n) => `- 締め切り ${n + 1}${n % 4 === 1 ? "は、ほかの予定より先に決まったものです。".repeat(8) : ""}\n`);
  try {
    await bench.checks(test)("the preview: a reader's place stays while a follow-up grows above it", async () => {
      await bench.model.plays({ ...script(60, 5), question: { chunks, delay_ms: 150 } });
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await bench.rendered("the preview", async () => (await preview(bench))?.text.includes("time 60 "));
      await until("the end", async () => (await bench.status()) === "");
      // The preview is drawn anew a few times after it was opened.
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      const { frame } = await preview(bench);
      const read = frame.locator("li", { hasText: "structure 20 " }).first();
      const top = async () => Math.round((await read.boundingBox()).y);
      await read.evaluate((li) => li.scrollIntoView({ block: "center" }));
      await bench.palette("Kaizodo: Ask a Follow-up Question");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("深さ")').first().click();
      await until("the field", async () => (await bench.page.locator(".quick-input-title").innerText()).includes("深さ"));
      await bench.page.keyboard.type("なぜ今なのですか");
      const seen = [await top()];
      await bench.press("Enter");
      await until("the end of the answer", async () => {
        seen.push(await top());
        return (await preview(bench)).text.includes("締め切り 40");
      });
      await until("the end", async () => (await bench.status()) === "");
      seen.push(await top());
      assert.ok(seen.length > 10 && Math.max(...seen) - Math.min(...seen) <= 2, `${seen} px`);
      await bench.shot("place-preview");
    });
  } finally {
    await bench.stop();
  }
}

/** The height of a line of text, and what may be lost of it by rounding, in pixels. */
const ROW = 21;

async function placeInText(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.view": "text" } });
  const group = bench.page.locator(".editor-group-container").nth(1);
  const line = group.locator(".view-line", { hasText: "structure\u00a020\u00a0" }).first();
  const top = async () => Math.round((await line.boundingBox({ timeout: 1_000 })).y);
  const chunks = Array.from({ length: 60 }, (_, n) => `- 締め切り ${n + 1}${n % 4 === 1 ? "は、ほかの予定より先に決まったものです。".repeat(8) : ""}\n`);
  try {
    await bench.checks(test)("the text: a reader's place stays while a follow-up grows above it, and they scroll freely", async () => {
      await bench.model.plays({ ...script(60, 5), question: { chunks, delay_ms: 250, held: true } });
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("depth 10 "));
      await until("the end", async () => (await bench.status()) === "");
      await bench.palette("Kaizodo: Ask a Follow-up Question");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("深さ")').first().click();
      await until("the field", async () => (await bench.page.locator(".quick-input-title").innerText()).includes("深さ"));
      await bench.page.keyboard.type("なぜ今なのですか");
      await group.hover();
      await bench.press("Enter");
      await until("the middle", async () => {
        await bench.page.mouse.wheel(0, 400);
        return (await bench.text(1)).includes("structure 32 ");
      });
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      const stays = async (ms) => {
        const seen = [];
        for (const start = Date.now(); Date.now() - start < ms; await pause(50)) {
          // A line that is drawn anew has no place for a moment.
          const at = await top().catch(() => undefined);
          seen.push(...(at === undefined ? [] : [at]));
        }
        // The editor draws what has grown before it can be sent back; that is seen now and then, for a moment: the middle half counts.
        const usual = seen.toSorted((a, b) => a - b).slice(Math.ceil(seen.length / 4), -Math.ceil(seen.length / 4));
        const [low, high] = [usual[0], usual.at(-1)];
        assert.ok(high - low <= ROW, `${seen} px`);
        return high;
      };
      await pause(1_500);
      const before = await stays(2_000);
      await bench.page.mouse.wheel(0, 400);
      await bench.page.mouse.wheel(0, 400);
      await pause(1_000);
      const after = await stays(1_500);
      assert.ok(after < before - 2 * ROW, `scrolled from ${before} to ${after} px`);
      await bench.model.goesOn();
      await until("the end", async () => (await bench.status()) === "");
      // The last that grows may take the line along for a moment, too.
      let end;
      await until("the line on its row", async () => {
        end = await top();
        return Math.abs(end - after) <= ROW;
      }, 20_000).catch(() => assert.fail(`${after} and ${end} px`));
      await bench.shot("place-text");
    });
  } finally {
    await bench.stop();
  }
}

async function placeInGrid(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.view": "grid" } });
  try {
    await bench.checks(test)("the grid: a reader's place stays while a follow-up grows above it", async () => {
      const question = { chunks: Array.from({ length: 15 }, (_, n) => `- 締め切り ${n + 1}\n`), delay_ms: 20, held: true };
      await bench.model.plays({ ...script(30, 5), question });
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await page(bench).locator('[data-branch="time"] li', { hasText: "time 30 " }).waitFor();
      await until("the end", async () => (await bench.status()) === "");
      const read = page(bench).locator('[data-branch="time"] li', { hasText: "time 10 " });
      const top = async () => Math.round((await read.boundingBox()).y);
      await read.evaluate((li) => li.scrollIntoView({ block: "center" }));
      await new Promise((resolve) => setTimeout(resolve, 500));
      const seen = [await top()];
      await bench.palette("Kaizodo: Ask a Follow-up Question");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("深さ")').first().click();
      await until("the field", async () => (await bench.page.locator(".quick-input-title").innerText()).includes("深さ"));
      await bench.page.keyboard.type("なぜ今なのですか");
      await bench.press("Enter");
      await page(bench).locator(".follow_up", { hasText: "締め切り 14" }).waitFor();
      seen.push(await top());
      await bench.model.goesOn();
      await page(bench).locator(".follow_up[data-look=done]").waitFor();
      seen.push(await top());
      assert.ok(Math.max(...seen) - Math.min(...seen) <= 2, `${seen} px`);
      await bench.shot("place");
    });
  } finally {
    await bench.stop();
  }
}

/** The rendered preview: its frame, its text and how many headings it has. */
async function preview(bench) {
  for (const frame of bench.page.frames()) {
    const shown = await frame
      .evaluate(() => document.querySelector(".markdown-body") && { text: document.body.innerText, headings: document.querySelectorAll("h2").length })
      .catch(() => undefined);
    if (shown) {
      return { frame, ...shown };
    }
  }
  return undefined;
}

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");
