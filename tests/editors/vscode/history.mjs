// Runs that are found again: in the side bar, by typing, and the last panel by one key, also after a reload.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function history(test) {
  const files = { "notes.md": NOTES, "plans/plan.md": "来年の計画を立てる。\n" };
  const bench = await Workbench.start({ files });
  const check = bench.checks(test);
  const run = async (lines, said, key = "Control+Alt+u") => {
    await bench.model.plays(script(1, 10, { depth: { chunks: [`- ${said}\n`] } }));
    if (lines > 0) {
      await bench.select(lines);
    }
    await bench.press(key);
    await until("the text", async () => (await bench.text(1)).includes(said) && (await bench.text(1)).includes("time 1"));
    await until("the end", async () => (await bench.status()) === "");
  };
  const rows = bench.page.locator(".tree-explorer-viewlet-tree-view .monaco-list-row");
  const titles = async () => (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
  const listed = (wanted) =>
    until(`${wanted} in the tree`, async () => {
      const found = await titles();
      return found.length === wanted.length && wanted.every((title, at) => found[at].startsWith(title)) && found;
    });
  /** Searches for words; none of them list all runs again. */
  const search = async (words) => {
    await bench.palette("Kaizodo: Search Earlier Runs");
    // The palette's field is the same one.
    await until("the field", async () => (await bench.page.locator(".quick-input-title").innerText()) === "Search earlier runs");
    await field(bench).fill(words);
    await bench.press("Enter");
  };
  const action = async (row, name) => {
    await rows.nth(row).hover();
    await rows.nth(row).locator(`.action-label[aria-label="${name}"]`).click();
  };
  try {
    await check("the side bar lists runs, a closer look below its run, those of a file, and those that hold words", async () => {
      await run(3, "締め切りが近い");
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line", { hasText: "締め切りが近い" }).click();
      await run(0, "もっと近くで");
      await bench.clear();
      await bench.open("plan.md");
      await run(1, "予算が先");
      await bench.palette("View: Show Kaizodo");
      await listed(["来年の計画を立てる", "テストがときどき落ちる"]);
      await bench.shot("history-tree");
      await rows.nth(1).locator(".monaco-tl-twistie").click();
      await listed(["来年の計画を立てる", "テストがときどき落ちる", "締め切りが近い"]);
      await bench.palette("Kaizodo: Choose Which Runs to List");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("This folder")').click();
      await listed(["来年の計画を立てる"]);
      await bench.palette("Kaizodo: Choose Which Runs to List");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("All files")').click();
      await rows.nth(1).waitFor();
      await search("予算");
      const [found] = await listed(["来年の計画を立てる"]);
      assert.ok(found.includes("予算が先"), found);
      await bench.page.locator(".tree-explorer-viewlet-tree-view .message", { hasText: "“予算”" }).waitFor();
      await bench.shot("history-search");
      await search("");
      await rows.nth(1).waitFor();
    });

    await check("a tree that was hidden lists what has come meanwhile, and what looks like an icon stands as it is", async () => {
      await bench.palette("View: Show Kaizodo");
      await search(""); // a test that failed may have left one
      await rows.nth(1).waitFor();
      const before = await until("a list at rest", async () => {
        const found = await titles();
        await new Promise((resolve) => setTimeout(resolve, 500));
        return found.length > 1 && (await titles()).join() === found.join() && found;
      });
      await bench.palette("View: Show Explorer");
      await bench.press("Control+1");
      await until("the source", async () => (await bench.focused()) === 0);
      await bench.press("Control+Home");
      await bench.page.keyboard.insertText("PLACE=$(pwd) $(trash)\n");
      await until("the line", async () => (await bench.text(0)).startsWith("PLACE="));
      await run(1, "隠れている間に");
      await bench.press("Control+z");
      await bench.palette("View: Show Kaizodo");
      await listed(["PLACE=$(pwd) $(trash)", ...before.map((title) => title.split(" ")[0])]);
      await bench.palette("View: Show Explorer");
      await search("隠れて");
      await listed(["PLACE=$(pwd) $(trash)"]);
      await bench.shot("history-shown-again");
      await search("");
      await rows.nth(1).waitFor();
      await bench.palette("Kaizodo: Find an Earlier Run");
      const picked = bench.page.locator(".quick-input-list .monaco-list-row").first();
      await until("its title", async () => (await picked.innerText()).includes("PLACE=$(pwd) $(trash)"));
      await bench.press("Escape");
      await rows.nth(1).waitFor();
      await action(0, "Delete…");
      await bench.page.locator('.monaco-dialog-box .monaco-button:has-text("Delete")').click();
      await until("its end", async () => (await titles()).length === before.length);
    });

    await check("a run of the tree is pinned, opened and deleted", async () => {
      await bench.palette("View: Show Kaizodo");
      await search("");
      await action(1, "Pin");
      await rows.nth(1).locator(".codicon-pinned").first().waitFor();
      await rows.nth(1).click();
      await until("its panel", async () => (await bench.text(1)).includes("締め切りが近い"));
      await bench.shot("history-opened");
      await action(0, "Delete…");
      await bench.page.locator('.monaco-dialog-box .monaco-button:has-text("Delete")').click();
      await until("its end", async () => !(await titles()).some((title) => title.startsWith("来年")));
    });

    await check("a run is picked by typing words of its answers", async () => {
      await bench.palette("Kaizodo: Find an Earlier Run");
      await field(bench).fill("近く");
      const row = bench.page.locator(".quick-input-list .monaco-list-row", { hasText: "もっと近くで" });
      await row.waitFor();
      await bench.shot("history-pick");
      await row.click();
      await until("its panel", async () => (await bench.text(1)).includes("もっと近くで"));
    });

    await check("one key brings the last panel back, also into a grid and after the window was reloaded", async () => {
      // A try that failed has left the grid.
      await bench.configure({ "kaizodo.view": "text" });
      await run(3, "最後の答え");
      await bench.clear();
      await bench.open("notes.md");
      await bench.press("Control+Alt+Shift+u");
      await until("the panel", async () => (await bench.text(1)).includes("最後の答え"));
      await bench.clear();
      await bench.configure({ "kaizodo.view": "grid" });
      await bench.reload();
      await bench.open("notes.md");
      await until("the grid", async () => {
        await bench.press("Control+Alt+Shift+u");
        const page = bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");
        return (await page.innerText({ timeout: 3_000 })).includes("最後の答え");
      });
      await bench.shot("history-reloaded");
    });
  } finally {
    await bench.stop();
  }
}

const field = (bench) => bench.page.locator(".quick-input-widget input:visible").first();
