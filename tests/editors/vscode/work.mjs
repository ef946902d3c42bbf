// What a reader does with the sections of a panel: asks on, looks closer, inserts, copies, saves, retries another way.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const CODE = ["// 在庫を数える。", "function count(items) {", "  return items.length;", "}", ""].join("\n");
const FOLLOW_UP = { chunks: ["締め切りが", "先に決まったからです。\n"], delay_ms: 10 };

export async function work(test) {
  await text(test);
  await grid(test);
}

async function text(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES, "count.js": CODE } });
  const check = bench.checks(test);
  try {
    await check("the text: a question about the section at the cursor is answered below it, in Japanese", async () => {
      await complete(bench, { question: FOLLOW_UP });
      await line(bench, "- depth 2").click();
      await bench.press("Control+Alt+Enter");
      await input(bench).waitFor();
      assert.match(await bench.page.locator(".quick-input-title").innerText(), /深さ/);
      await bench.page.keyboard.type("なぜ今なのですか");
      await bench.press("Enter");
      await until("the answer", async () => (await bench.text(1)).includes("締め切りが先に決まったからです。"));
      await until("the end", async () => (await bench.status()) === "");
      const shown = await bench.text(1);
      const places = ["## 深さ", "なぜ今なのですか", "締め切りが", "## 広さ"].map((part) => shown.indexOf(part));
      assert.ok(places.every((at, i) => at > (places[i - 1] ?? -1)), shown);
      const asked = (await bench.model.log()).filter(({ event }) => event === "request").at(-1);
      assert.equal(asked.perspective, "question");
      assert.ok(asked.messages.some((message) => message.includes("- depth 2 を考える")));
      assert.ok(asked.messages.at(-1).includes("なぜ今なのですか"));
      await bench.shot("work-text-follow-up");
    });

    await check("the text: a question about all answers has each of them with it", async () => {
      await complete(bench, { question: { chunks: ["どれも原因を問うています。\n"] } });
      await line(bench, "- depth 2").click();
      await bench.palette("Kaizodo: Ask About All Answers");
      await until("the field", async () => (await title(bench)) === "All answers");
      await bench.page.keyboard.type("共通点は?");
      await bench.press("Enter");
      await until("the answer", async () => {
        return (await bench.model.log()).some(({ perspective, messages }) => {
          return perspective === "question" && ["depth", "breadth", "structure", "time"].every((name) => messages.join().includes(`- ${name} 2`));
        });
      });
    });

    await check("the text: a passage is looked at more closely, and its run stands in a panel of its own", async () => {
      await complete(bench);
      await bench.model.plays(script(1, 10, { depth: { chunks: ["- もっと近くで\n"] } }));
      await line(bench, "- depth 2").click();
      await bench.press("Control+Alt+u");
      await until("the closer run", async () => (await bench.text(1)).includes("もっと近くで"));
      await until("the end", async () => (await bench.status()) === "");
      const [asked] = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.ok(asked.messages.at(-1).includes("- depth 2 を考える") && asked.messages.join().includes("テストがときどき"));
      await bench.shot("work-text-closer");
    });

    await check("the text: the item at the cursor is kept, commented on, and loses its mark again", async () => {
      await complete(bench);
      await line(bench, "- depth 2").click();
      await bench.palette("Kaizodo: Mark: Keep This Item");
      await until("the mark", async () => (await bench.text(1)).includes("✎ 残す「depth 2 を考える」"));
      await line(bench, "- depth 1").click();
      await bench.palette("Kaizodo: Comment on This Item");
      await until("the field", async () => (await title(bench)) === "Comment on This Item");
      await bench.page.keyboard.type("もっと具体的に");
      await bench.press("Enter");
      await until("the comment", async () => (await bench.text(1)).includes("✎ 「depth 1 を考える」: もっと具体的に"));
      await bench.shot("work-text-marks");
      await line(bench, "- depth 1").click();
      await bench.palette("Kaizodo: Comment on This Item");
      await until("what was said", async () => (await input(bench).inputValue()) === "もっと具体的に");
      await input(bench).fill("");
      await bench.press("Enter");
      await until("no comment", async () => !(await bench.text(1)).includes("もっと具体的に"));
      await line(bench, "- depth 2").click();
      await bench.palette("Kaizodo: Mark: Keep This Item");
      await until("no mark", async () => !(await bench.text(1)).includes("✎"));
    });

    await check("the context menu of a panel has what can be done there", async () => {
      await complete(bench);
      await line(bench, "- depth 2").click({ button: "right" });
      const items = await menu(bench);
      for (const item of ["Look Closer at the Passage", "Ask a Follow-up Question…", "Insert into Document…", "Copy Section", "Save as Markdown…"]) {
        assert.ok(items.includes(item), `${item} in ${items}`);
      }
      await bench.shot("work-menu");
      await bench.press("Escape");
    });

    await check("an answer is inserted into the code that it is about, as a comment above it", async () => {
      await bench.open("count.js");
      await bench.model.plays(script(2, 10));
      await bench.select(4);
      await bench.press("Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      await until("the end", async () => (await bench.status()) === "");
      await line(bench, "- depth 2").click();
      await bench.palette("Kaizodo: Insert into Document");
      await pick(bench, "As a comment above");
      await until("the comment", async () => {
        return (await bench.text(0)).startsWith("// - depth 1 を考える // - depth 2 を考える // 在庫を数える。");
      });
      await bench.shot("work-insert");
      await bench.page.locator('.tab:has-text("count.js")').first().click();
      await until("the code to have the keys", async () => (await bench.focused()) === 0);
      await bench.press("Control+z");
      await until("the code as it was", async () => (await bench.text(0)).startsWith("// 在庫を数える。"));
    });

    await check("a run is opened in the browser, beside the editor", async () => {
      await complete(bench);
      const opened = bench.page.context().waitForEvent("page");
      await bench.palette("Kaizodo: Open in Browser");
      const page = await opened;
      // code-server leads every address of its machine through a proxy below its own; an editor on the desktop does not.
      const { pathname, hash } = new URL(await until("its address", () => page.url().startsWith("http") && page.url()));
      const port = /\/proxy\/(\d+)\//.exec(pathname)?.[1];
      assert.ok(port !== undefined, page.url());
      await page.goto(`http://127.0.0.1:${port}/${hash}`);
      await until("the run's page", async () => (await page.locator(".pane[data-branch]").allInnerTexts()).join().includes("depth 2 を考える"));
      await page.close();
    });

    await check("a run is compared with the earlier one about the same text", async () => {
      await complete(bench);
      await bench.page.locator('.tab:has-text("count.js"), .tab:has-text("notes.md")').first().click();
      await complete(bench);
      await bench.palette("Kaizodo: Compare with Earlier Run");
      const diff = bench.page.locator(".monaco-diff-editor");
      await until("the diff view", async () => (await diff.count()) > 0);
      await until("both texts", async () => (await diff.first().innerText()).replaceAll("\u00a0", " ").includes("depth 2 を考える"));
      await bench.shot("work-compare");
    });

    await check("a section and all answers are copied without states, and saved as Markdown", async () => {
      await complete(bench);
      await line(bench, "- depth 2").click();
      await bench.palette("Kaizodo: Copy Section");
      await until("the section", async () => (await clipboard(bench)) === "- depth 1 を考える\n- depth 2 を考える\n");
      await bench.palette("Kaizodo: Copy All Answers");
      const all = await until("all", async () => {
        const copied = await clipboard(bench);
        return copied.startsWith("# ") && copied;
      });
      assert.ok(/## 深さ\n\n- depth 1[^]*## 時間\n\n- time 1/.test(all) && !all.includes("scripted"), all);
      await bench.palette("Kaizodo: Save as Markdown");
      const file = path.join(bench.folder, "解像度 · テストがときどき落ちる.md");
      await until("the name", async () => (await input(bench).inputValue()) === file);
      const saved = await until("the file", async () => {
        // A field that is still at work takes no key.
        if (await input(bench).isVisible()) {
          await bench.press("Enter");
        }
        return readFile(file, "utf8");
      });
      assert.equal(saved, all);
    });

    await check("a section is retried with a model that is typed and an effort that is chosen", async () => {
      await complete(bench);
      await line(bench, "- breadth 2").click();
      await bench.model.plays(script(1, 10, { breadth: { chunks: ["- 別のモデルから\n"] } }));
      await bench.palette("Kaizodo: Retry with Another Model");
      await until("the models", async () => (await title(bench)).includes("広さ"));
      await bench.page.keyboard.type("大きい-9b");
      await pick(bench, "大きい-9b");
      await pick(bench, "high");
      await until("the new answer", async () => (await bench.text(1)).includes("別のモデルから"));
      const asked = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.deepEqual(asked.map(({ model, perspective, effort }) => [model, perspective, effort]), [["大きい-9b", "breadth", "high"]]);
    });
  } finally {
    await bench.stop();
  }
}

async function grid(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.view": "grid" } });
  const check = bench.checks(test);
  const run = async (more) => {
    await bench.model.plays({ ...script(2, 10), ...more });
    await bench.select(3);
    await bench.press("Control+Alt+u");
    await page(bench).locator('[data-branch="time"]', { hasText: "time 2" }).waitFor();
    await until("the end", async () => (await bench.status()) === "");
  };
  try {
    await check("the grid: a question is typed in a pane, its answer stands below, and its lines can be looked at closer", async () => {
      await run({ question: FOLLOW_UP });
      const pane = page(bench).locator('[data-branch="depth"]');
      await pane.locator("button.ask").click();
      await pane.locator("textarea").pressSequentially("なぜ今なのですか");
      await bench.shot("work-grid-question");
      await bench.press("Enter");
      const answer = page(bench).locator(".pane.follow_up", { hasText: "締め切りが先に決まったからです。" });
      await answer.waitFor();
      await until("the end", async () => (await bench.status()) === "");
      assert.match(await answer.locator(".from").innerText(), /深さ/);
      await bench.shot("work-grid-follow-up");
      await bench.model.plays(script(1, 10, { depth: { chunks: ["- もっと近くで\n"] } }));
      await pane.locator("li", { hasText: "depth 2" }).click({ clickCount: 3 });
      await bench.shot("work-grid-selected");
      await pane.locator("button.closer").click();
      await page(bench).locator('[data-branch="depth"]', { hasText: "もっと近くで" }).waitFor();
      const [asked] = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.match(asked.messages.at(-1), /^<<<TEXT \w+\n- depth 2 を考える\nTEXT /m);
      await bench.shot("work-grid-closer");
    });

    await check("the grid: a pane's menu copies its section", async () => {
      await run();
      await page(bench).locator('[data-branch="breadth"] button.more').click();
      const items = await menu(bench);
      assert.ok(items.includes("Insert into Document…") && !items.includes("Look Closer at the Passage"), String(items));
      await bench.shot("work-grid-menu");
      await bench.page.locator(".monaco-menu .action-item", { hasText: "Copy Section" }).click();
      await until("the section", async () => (await clipboard(bench)).startsWith("- breadth 1 を考える\n"));
    });
  } finally {
    await bench.stop();
  }
}

/** A run about the notes that is over. */
async function complete(bench, more = {}) {
  await bench.model.plays({ ...script(2, 10), ...more });
  await bench.select(3);
  await bench.press("Control+Alt+u");
  // The text of an earlier run may stand there until this one has begun.
  await until("four requests", async () => (await bench.model.log()).filter(({ event }) => event === "request").length === 4);
  await until("the text", async () => (await bench.text(1)).includes("time 2"));
  await until("the end", async () => (await bench.status()) === "");
}

const line = (bench, text) =>
  bench.page.locator(".editor-group-container").nth(1).locator(".view-line", { hasText: text.replaceAll(" ", "\u00a0") }).first();

const input = (bench) => bench.page.locator(".quick-input-widget input:visible").first();

const title = (bench) => bench.page.locator(".quick-input-title").innerText();

async function pick(bench, label) {
  await bench.page.locator(`.quick-input-list .monaco-list-row:has-text("${label}")`).first().click();
}

async function menu(bench) {
  const items = bench.page.locator(".monaco-menu .action-item .action-label");
  await items.first().waitFor();
  return (await items.allInnerTexts()).map((text) => text.trim());
}

const clipboard = (bench) => bench.page.evaluate(() => navigator.clipboard.readText());

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");
