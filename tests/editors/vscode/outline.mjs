// What the server offers for a panel by LSP alone: lenses, the outline and links.

import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function outline(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES, "gone.md": NOTES }, settings: { "editor.codeLens": true } });
  const check = bench.checks(test);
  const panel = bench.page.locator(".editor-group-container").nth(1);
  const lens = (title) => panel.locator(".codelens-decoration a", { hasText: title });
  const ended = Object.fromEntries(["breadth", "structure", "time"].map((name) => [name, { chunks: ["- 短い\n"] }]));
  const ask = async (lines) => {
    await bench.select(lines);
    await bench.press("Control+Alt+u");
  };
  /** In the panel. */
  const press = async (key) => {
    await panel.locator(".view-line").first().click();
    await bench.press(key);
  };
  try {
    await check("lenses of a panel: stop one section, retry it, and go back to the text", async () => {
      // VS Code looks at lenses when a text has been still for a moment; held, it is still for as long as that takes.
      await bench.model.plays(script(2, 10, { ...ended, depth: { held: true } }));
      await ask(3);
      await until("the text", async () => (await bench.text(1)).includes("depth 1"));
      await until("one lens to stop", async () => (await lens("停止").count()) === 1);
      await bench.shot("lenses-running");
      await lens("停止").click();
      await until("the end", async () => (await bench.status()) === "");
      await until("no lens to stop", async () => (await lens("停止").count()) === 0);
      await bench.shot("lenses-ended");
      await bench.model.plays(script(2, 10));
      await press("Control+Home");
      await lens("やり直す").first().click();
      await until("the new answer", async () => {
        const text = await bench.text(1);
        return text.includes("depth 2") && (await bench.status()) === "";
      });
      await lens("元の文章へ").click();
      await until("the source", async () => (await bench.focused()) === 0);
      assert.ok((await bench.text(1)).includes("depth 2"), "the panel stays in sight");
    });

    await check("lenses of a panel: once the text has changed, one runs again where it is", async () => {
      await bench.model.plays(script(1, 10));
      await ask(3);
      await until("the end", async () => (await bench.text(1)).includes("time 1") && (await bench.status()) === "");
      await bench.press("Control+Home");
      await bench.page.keyboard.insertText("前置き\n");
      await bench.press("Control+End", "ArrowUp", "ArrowUp", "ArrowUp", "Home");
      await bench.page.keyboard.insertText("本当の");
      await lens("文章が変わりました").waitFor();
      await bench.shot("lenses-changed");
      await lens("文章が変わりました").click();
      await until("the other run", async () => (await bench.text(1)).includes("notes.md:2–4"));
      await bench.page.locator(".view-line", { hasText: "本当の" }).first().click();
      await bench.press("Control+z", "Control+z");
    });

    await check("a lens whose text is in a file that is gone says so", async () => {
      await writeFile(path.join(bench.folder, "gone.md"), NOTES);
      await bench.palette("View: Close Editor");
      await bench.open("gone.md");
      await bench.model.plays(script(1, 10));
      await ask(3);
      await until("the end", async () => (await bench.text(1)).includes("time 1") && (await bench.status()) === "");
      await bench.page.locator('.tab:has-text("gone.md")').click();
      await bench.palette("View: Close Editor");
      await rm(path.join(bench.folder, "gone.md"));
      await bench.page.locator(".codelens-decoration a", { hasText: "元の文章へ" }).click();
      await bench.page.locator(".notification-toast", { hasText: "gone.md could not be opened" }).waitFor();
      await bench.shot("lenses-gone");
    });

    await check("the outline and the links of a panel: the sections, and the source", async () => {
      await bench.model.plays(script(1, 10));
      await ask(3);
      await until("the end", async () => (await bench.text(1)).includes("time 1") && (await bench.status()) === "");
      await press("Control+Home");
      await panel.locator(".detected-link", { hasText: "notes.md:" }).waitFor();
      await bench.press("Control+Shift+o");
      const rows = bench.page.locator(".quick-input-list .monaco-list-row");
      // Beside Markdown's own symbols, which have the marks of headings.
      await rows.filter({ hasText: "構造" }).filter({ hasNotText: "##" }).first().waitFor();
      await bench.shot("outline");
      await bench.press("Escape");
    });
  } finally {
    await bench.stop();
  }
}
