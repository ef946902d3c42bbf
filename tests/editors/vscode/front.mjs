// Commands act on the run in front; where nothing can be asked, the true reason is said.

import assert from "node:assert/strict";
import { each, NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function front(test) {
  const files = { "notes.md": NOTES, "rendered.md": "# 関係のない文書\n", "other.md": NOTES.replaceAll("テスト", "ビルド"), ".env": "NAME=value\n" };
  const bench = await Workbench.start({ files });
  const check = bench.checks(test);
  const view = async (name) => {
    await bench.configure({ "kaizodo.view": name });
  };
  /** Starts a run on a file, and waits until all its requests have left. */
  const start = async (file) => {
    const before = await count(bench, "request");
    await bench.open(file);
    await bench.select(3);
    await bench.press("Control+Alt+u");
    await until("four requests", async () => (await count(bench, "request")) === before + 4);
  };
  /** Presses Escape until it has worked: the editor may hear of a page's focus later than `enter` waits. */
  const escapeUntil = (what, look) =>
    until(what, async () => {
      if (!(await look())) {
        await bench.press("Escape");
      }
      return look();
    });
  const tab = (title) => bench.page.locator(`.tabs-container .tab:has-text("${title}")`).first();
  try {
    await check("two grids: Stop and Escape stop the run in front, and a section is chosen of that run", async () => {
      await view("grid");
      await bench.model.plays(script(300, 150, { ...each({ hang: true }), time: { chunks: ["- T\n"], delay_ms: 10 } }));
      await start("notes.md");
      await start("other.md");
      await until("the first page's end", async () => (await bench.status()).includes("2/8"));
      await tab("テストがときどき落ちる").click();
      await page(bench).locator('[data-branch="time"][data-look="done"]').waitFor();
      await bench.quick("F1", "Kaizodo: Retry a Section", "Retry a Section");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("✓ 時間")').waitFor();
      assert.equal(await bench.page.locator(".quick-input-list .monaco-list-row").count(), 1);
      await bench.press("Escape"); // closes the list, and stops nothing
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(await count(bench, "closed"), 0);
      await bench.palette("Kaizodo: Stop");
      await until("three closed requests", async () => (await count(bench, "closed")) === 3);
      await until("the other run alone", async () => /\d\/4/.test(await bench.status()));
      assert.equal(await count(bench, "closed"), 3, "the other run goes on");
      await bench.palette("Kaizodo: Stop");
      await bench.page.locator(".notification-toast", { hasText: "The run you are viewing has ended" }).waitFor();
      await bench.shot("front-ended");
      assert.equal(await count(bench, "closed"), 3);
      await bench.palette("Notifications: Clear All Notifications");
      await tab("ビルドがときどき落ちる").click();
      await enter(bench);
      await escapeUntil("the others, too", async () => (await count(bench, "closed")) === 6);
    });

    await check("the rendered preview: Escape stops", async () => {
      await view("preview");
      await bench.model.plays(script(300, 150, each({ hang: true })));
      await start("notes.md");
      await until("the text", async () => (await page(bench).innerText()).includes("depth 2"));
      await enter(bench);
      await escapeUntil("four closed requests", async () => (await count(bench, "closed")) === 4);
    });

    await check("the rendered preview of another document: Escape stops nothing", async () => {
      await view("text");
      await bench.configure({ "workbench.editorAssociations": { "rendered.md": "vscode.markdown.preview.editor" } });
      await bench.model.plays(script(300, 150, each({ hang: true })));
      await start("notes.md");
      await bench.open("rendered.md");
      await until("the preview", async () => (await page(bench).innerText()).includes("関係のない文書"));
      await enter(bench);
      await bench.press("Escape");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(await count(bench, "closed"), 0);
      await bench.shot("front-other-preview");
    });

    await check("the status item stops all runs, whatever is in front", async () => {
      await view("text");
      await bench.model.plays(script(300, 150, each({ hang: true })));
      await start("notes.md");
      await start("other.md");
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").first().click();
      await until("both runs", async () => /\d\/8/.test(await bench.status()));
      await bench.page.locator("#kaizodo\\.kaizodo\\.kaizodo\\.status").click();
      await until("eight closed requests", async () => (await count(bench, "closed")) === 8);
    });

    await check("a file that is never sent is told, with the way to the setting", async () => {
      await bench.model.plays(script(2, 10));
      await bench.open(".env");
      await bench.select(1);
      await bench.press("Control+Alt+u");
      const toast = bench.page.locator(".notification-toast", { hasText: ".env was not sent: its path matches" });
      await toast.waitFor();
      await bench.shot("front-never-sent");
      await toast.locator("a.monaco-button", { hasText: "Open Setting" }).click();
      await bench.page.locator(".settings-editor", { hasText: "Never Send" }).waitFor();
      assert.equal(await count(bench, "request"), 0);
    });

    await check("a log of the editor's is told to be of another kind", async () => {
      await bench.palette("Kaizodo: Show Log");
      const output = bench.page.locator(".output-view .view-line, .panel .view-line").first();
      await output.waitFor();
      await output.click();
      await bench.press("Control+a");
      await bench.palette("Kaizodo: Look from Several Perspectives");
      await bench.page.locator(".notification-toast", { hasText: "cannot read this kind of document (output)" }).waitFor();
      await bench.shot("front-output");
      assert.equal(await count(bench, "request"), 0);
    });
  } finally {
    await bench.stop();
  }
}

const count = async (bench, kind) => (await bench.model.log()).filter(({ event }) => event === kind).length;

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");

/** Puts the focus into it, and waits until the extension has heard of it. */
async function enter(bench) {
  await page(bench).click();
  await new Promise((resolve) => setTimeout(resolve, 500));
}
