// The action in the workbench: from the light bulb, the palette, the menu and the key; stop, failure, retry.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { each, NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

/** A notebook with one cell. */
const CELLS = JSON.stringify({
  cells: [{ cell_type: "code", execution_count: null, metadata: {}, outputs: [], source: ["total = price * 3  # why three?"] }],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
});
const HEADINGS = ["## 深さ", "## 広さ", "## 構造", "## 時間"];

export async function action(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES, "cells.ipynb": CELLS } });
  const check = bench.checks(test);
  try {
    // A test of its own: once there was a selection, this cannot be looked at again.
    await test("nothing is started before the first selection", async () => {
      await bench.open("notes.md");
      assert.equal(await servers(bench), 0);
    }, (shot) => bench.shot(shot));

    await test("activation takes less than 50 ms", async () => {
      await bench.open("notes.md");
      await bench.select(3);
      let all = await until("an activation", () => activations(bench));
      await until("the server", async () => (await servers(bench)) === 1);
      // A machine that is busy with other work, such as the editor's own start, may be slow twice.
      for (let left = 2; left > 0 && Math.min(...all) >= 50; left -= 1) {
        const before = all.length;
        await bench.reload();
        await bench.open("notes.md");
        await bench.select(3);
        all = await until("one more", async () => {
          const now = (await activations(bench)) ?? [];
          return now.length > before && now;
        });
      }
      console.log(`      activation: ${all} ms`);
      assert.ok(Math.min(...all) < 50, `${all} ms`);
    }, (shot) => bench.shot(shot));

    await check("the light bulb: four sections grow beside, and the focus stays in the source", async () => {
      // Held, so that it still grows however long the looks take.
      await bench.model.plays(script(4, 300, each({ held: true })));
      await bench.select(3);
      const bulb = bench.page.locator(".editor-group-container .codicon-gutter-lightbulb-sparkle").first();
      await bulb.waitFor();
      await bulb.click();
      const item = bench.page.locator(".action-widget .monaco-list-row", { hasText: "解像度: 深さ · 広さ · 構造 · 時間" });
      await item.waitFor();
      const headings = await bench.page.locator(".action-widget .group-header").allInnerTexts();
      assert.ok(!headings.join().includes("Rewrite"), String(headings));
      await bench.shot("1-bulb");
      await item.click();
      await until("the first lines", async () => (await bench.text(1)).includes("depth 1"));
      await until("the status item", async () => /Kaizodo \d\/4 · stop/.test(await bench.status()));
      const text = await bench.text(1);
      HEADINGS.forEach((heading) => assert.ok(text.includes(heading), heading));
      assert.ok(!text.includes("depth 4"), "it is still growing");
      assert.equal(await bench.focused(), 0);
      await bench.shot("2-growing");
      await bench.model.goesOn();
      await until("all of it", async () => (await bench.text(1)).includes("time 4"));
      await until("the status item to go", async () => (await bench.status()) === "");
      assert.equal(await bench.focused(), 0);
      await bench.press("x"); // still in the source: this replaces the selection there
      await until("the letter", async () => /^x A second paragraph/.test(await bench.text(0)));
      await bench.press("Control+z");
      await bench.shot("3-done");
    });

    await check("the palette: the panel is read-only and never dirty", async () => {
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.palette("Kaizodo: Look from Several Perspectives");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      await until("the end", async () => (await bench.status()) === "");
      // The last edits bring what each section has cost.
      const before = await until("a text at rest", async () => {
        const text = await bench.text(1);
        await new Promise((resolve) => setTimeout(resolve, 500));
        return /time 2 を考える `scripted` · /.test(text) && (await bench.text(1)) === text && text;
      });
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").nth(4).click();
      await bench.page.keyboard.type("typed");
      assert.equal(await bench.text(1), before);
      assert.equal(await bench.page.locator(".tab.dirty").count(), 0);
    });

    await check("the preview: what would be sent stands beside, and nothing is sent", async () => {
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.palette("Kaizodo: Preview What Would Be Sent");
      await until("the preview", async () => (await bench.text(1)).includes("送信内容の確認"));
      // Lines are wrapped anywhere.
      const shown = (await bench.text(1)).replaceAll(" ", "");
      assert.ok(shown.includes("だけに4件を送ります。すべて同時に") && shown.includes("##深さ`POSThttp://127.0.0.1:"), shown);
      assert.ok(shown.includes("文章のあとに置く問い:"), shown);
      assert.equal(await bench.focused(), 0);
      assert.equal((await bench.model.log()).filter(({ event }) => event === "request").length, 0);
      await bench.shot("preview");
    });

    await check("the key, on a paragraph without a selection, in an untitled file too", async () => {
      await bench.model.plays(script(2, 10));
      await bench.palette("File: New Untitled Text File");
      await until("the file", async () => (await bench.page.locator('.tab.active:has-text("Untitled-")').count()) === 1);
      // The editor of this group is the same for each file: it has the keys, but may still show the notes.
      await until("an empty text", async () => (await bench.focused()) === 0 && (await bench.text(0)).trim() === "");
      await bench.page.keyboard.type("A thought without a name.");
      await until("what was typed", async () => (await bench.text(0)).includes("A thought without a name."));
      await bench.press("Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      const requests = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.equal(requests.length, 4);
      assert.ok(requests[0].messages.join().includes("A thought without a name."));
      await bench.press("Control+a", "Delete");
    });

    await check("the key, in a cell of a notebook", async () => {
      await bench.model.plays(script(2, 10));
      await bench.open("cells.ipynb");
      await bench.page.locator(".notebookOverlay .cell-editor-container .view-line").first().click();
      await bench.press("Home", "Shift+End", "Control+Alt+u");
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
      const requests = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.equal(requests.length, 4);
      assert.ok(requests[0].messages.join().includes("total = price * 3  # why three?"));
    });

    await check("the context menu has it", async () => {
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.page.locator(".editor-group-container .view-line").nth(1).click({ button: "right", position: { x: 20, y: 8 } });
      await bench.page.locator(".monaco-menu .action-item", { hasText: "Kaizodo" }).first().hover();
      const entry = bench.page.locator(".monaco-menu .action-item", { hasText: /^Look from Several Perspectives/ });
      await entry.waitFor();
      const menu = (await bench.page.locator(".monaco-menu").allInnerTexts()).join();
      assert.ok(menu.includes("Choose Perspectives") && menu.includes("Preview What Would Be Sent") && /Ctrl\+Alt\+U/.test(menu), menu);
      await bench.shot("4-menu");
      await entry.click();
      await until("the text", async () => (await bench.text(1)).includes("time 2"));
    });

    await check("stop: the status item closes every request, and the text stays", async () => {
      await bench.model.plays(script(100, 100, each({ hang: true })));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("some text", async () => (await bench.text(1)).includes("depth 3") && (await bench.status()) !== "");
      await bench.page.locator("#kaizodo\\.kaizodo\\.kaizodo\\.status").click();
      await until("four closed requests", async () => (await closed(bench)) === 4);
      await until("the status item to go", async () => (await bench.status()) === "");
      assert.ok((await bench.text(1)).includes("depth 3"));
      await bench.shot("5-stopped");
    });

    await check("stop: Escape in the panel", async () => {
      await bench.model.plays(script(100, 100, each({ hang: true })));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("some text", async () => (await bench.text(1)).includes("depth 3"));
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").nth(4).click();
      await bench.press("Escape");
      await until("four closed requests", async () => (await closed(bench)) === 4);
    });

    await check("a section that fails stands beside three good ones, and can be asked anew", async () => {
      await bench.model.plays(script(3, 10, { breadth: { status: 401 } }));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      // The run before stands there until this one's panel is open.
      const parts = ["401", "depth 3", "structure 3", "time 3"];
      const all = async () => {
        const text = await bench.text(1);
        return parts.every((part) => text.includes(part));
      };
      await until("the end", async () => (await all()) && (await bench.status()) === "");
      const text = await bench.text(1);
      assert.ok(!text.includes("breadth 1"));
      await bench.shot("6-failed");
      await bench.model.plays(script(3, 10));
      await bench.quick("F1", "Kaizodo: Retry a Section", "Retry a Section");
      const row = bench.page.locator('.quick-input-list .monaco-list-row:has-text("✗ 広さ")');
      await row.waitFor();
      await bench.press("Enter");
      await until("the new answer", async () => (await bench.text(1)).includes("breadth 3"));
      assert.equal((await bench.model.log()).filter(({ event }) => event === "request").length, 1);
    });

    await check("a reader at the end is followed, one who scrolls up is left alone", async () => {
      // Longer than all the looks take: what no longer grows has nothing to follow.
      await bench.model.plays(script(600, 60));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("some text", async () => (await bench.text(1)).includes("depth 20"));
      assert.match(await bench.text(1), /^# /, "a reader who did nothing stays at the beginning");
      const panel = bench.page.locator(".editor-group-container").nth(1);
      await panel.locator(".view-line").nth(4).click();
      await bench.press("Control+End");
      await until("the end in sight", async () => /time \d+ を考える/.test(await bench.text(1)));
      const at = async () => Number([...(await bench.text(1)).matchAll(/time (\d+) /g)].at(-1)?.[1]);
      const early = await at();
      await until("the view to follow", async () => (await at()) >= early + 8);
      await panel.hover();
      await until("the beginning", async () => {
        await bench.page.mouse.wheel(0, -2000);
        return /^# .* depth 1 /.test(await bench.text(1));
      });
      await new Promise((resolve) => setTimeout(resolve, 600));
      assert.match(await bench.text(1), /^# /);
      await bench.page.locator("#kaizodo\\.kaizodo\\.kaizodo\\.status").click();
      await until("the end of the run", async () => (await bench.status()) === "");
      assert.match(await bench.text(1), /^# /);
    });

    await test("the page asked no host but this machine", () => assert.deepEqual([...bench.outside], []));
  } finally {
    await bench.stop();
  }
}

const closed = async (bench) => (await bench.model.log()).filter(({ event }) => event === "closed").length;

/** How many servers the editor has started: processes whose program is the server, below the editor's. */
async function servers(bench) {
  const rows = execFileSync("ps", ["-eo", "sess,pgid,args"], { encoding: "utf8" }).split("\n");
  return rows.filter((row) => row.includes(`${process.env.KAIZODO_BIN} lsp`) && row.includes(` ${bench.server.pid} `)).length;
}

/** The times that the extension's activations took, in milliseconds, as its logs have them. */
async function activations(bench) {
  const logs = path.join(bench.home, "data/logs");
  const files = (await readdir(logs, { recursive: true })).filter((name) => name.endsWith("Kaizodo.log"));
  const text = (await Promise.all(files.map((name) => readFile(path.join(logs, name), "utf8")))).join("");
  const found = [...text.matchAll(/activated in ([\d.]+) ms/g)].map(([, ms]) => Number(ms));
  return found.length === 0 ? undefined : found;
}
