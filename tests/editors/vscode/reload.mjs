// Panels after a reload of the window, and one page for many runs.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function reload(test) {
  const files = { "notes.md": NOTES, "other.md": NOTES.replaceAll("テスト", "ビルド") };
  const bench = await Workbench.start({ files });
  const check = bench.checks(test);
  const run = async (view, said) => {
    await bench.configure({ "kaizodo.view": view });
    await bench.model.plays(script(1, 10, { depth: { chunks: [`- ${said}\n`] } }));
    await bench.select(3);
    await bench.press("Control+Alt+u");
    const answered = () => shown(bench, said);
    await (view === "preview" ? bench.rendered("the answer", answered) : until("the answer", answered));
    await until("the end", async () => (await bench.status()) === "");
  };
  const tab = (title) => bench.page.locator(`.tabs-container .tab:has-text("${title}")`);
  /** Retries a section; a run of before the reload may not be known at once, and then there is none to choose. */
  const retry = (name) =>
    until(`${name} to be chosen`, async () => {
      await bench.palette("Kaizodo: Retry a Section");
      await bench.page.locator(`.quick-input-list .monaco-list-row:has-text("✓ ${name}")`).click({ timeout: 5_000 });
      return true;
    });
  const again = async () => {
    // What the editor writes down about its tabs, it writes every few seconds; on a busy machine, later.
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await bench.reload();
  };
  try {
    for (const view of ["grid", "text"]) {
      await check(`the ${view}: a panel is back after the window was reloaded, without a key`, async () => {
        await run(view, `残る答え ${view}`);
        await again();
        await until("the panel", () => shown(bench, `残る答え ${view}`));
        assert.equal(await bench.groups(), 2);
        await bench.shot(`reload-${view}`);
        await bench.model.plays(script(1, 10, { time: { chunks: ["- あとから\n"] } }));
        await retry("時間");
        await until("a retry", () => shown(bench, "あとから"));
      });
    }

    await check("the text that is opened from a grid after the window was reloaded grows with its run", async () => {
      await run("grid", "先の答え");
      await again();
      await until("the panel", () => shown(bench, "先の答え"));
      const page = bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe");
      await page.locator(".as-text").click();
      await until("the text", async () => (await bench.text(1)).includes("先の答え"));
      await bench.model.plays(script(1, 10, { depth: { chunks: ["- 後の答え\n"] } }));
      await retry("深さ");
      await until("the retry", async () => (await bench.text(1)).includes("後の答え"));
    });

    await check("a panel that was behind a file is there again, and the file is still in front", async () => {
      await run("text", "後ろの答え");
      await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").first().click();
      await bench.palette("View: Move Editor into Left Group");
      await until("one column", async () => (await bench.groups()) === 1);
      await bench.page.locator('.tab:has-text("notes.md")').click();
      await again();
      await until("the panel's tab", async () => (await tab("テストが").count()) === 1);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal((await bench.page.locator(".tab.active").innerText()).replace(/\s/g, ""), "notes.md");
      await bench.shot("reload-behind");
      await tab("テストが").click();
      await until("the panel", async () => (await bench.text(0)).includes("後ろの答え"));
    });

    await check("one page is used for runs that are over, and a pinned one stays", async () => {
      await run("grid", "一つ目");
      await run("grid", "二つ目");
      const titles = async () => (await bench.page.locator(".tabs-container .tab").allInnerTexts()).map((text) => text.replace(/\n/g, "").trim()).filter((text) => text !== "notes.md");
      assert.deepEqual(await titles(), ["テストがときどき落ちる"]);
      await bench.page.locator('.tabs-container .tab:has-text("テストが")').click();
      await bench.palette("View: Pin Editor");
      await until("the pin", async () => (await bench.page.locator(".tab.sticky").count()) === 1);
      await run("grid", "三つ目");
      await until("two pages with their times", async () => {
        const found = await titles();
        return found.length === 2 && found.every((title) => /^テストがときどき落ちる · \d/.test(title));
      });
      await bench.shot("reload-two");
    });

    for (const view of ["text", "preview"]) {
      await check(`the ${view}: one tab is used for runs that are over, and a pinned one stays`, async () => {
        const tabs = () => bench.page.locator(".tabs-container .tab").filter({ hasNotText: "notes.md" }).count();
        await run(view, `一つ目 ${view}`);
        await run(view, `二つ目 ${view}`);
        await until("one tab", async () => (await tabs()) === 1);
        await bench.page.locator('.tabs-container .tab:has-text("テストが")').click();
        await bench.palette("View: Pin Editor");
        await until("the pin", async () => (await bench.page.locator(".tab.sticky").count()) === 1);
        await run(view, `三つ目 ${view}`);
        await run(view, `四つ目 ${view}`);
        await until("two tabs", async () => (await tabs()) === 2);
        await until("the keys in the source", async () => (await bench.focused()) === 0);
        await bench.shot(`reload-two-${view}`);
      });
    }
  } finally {
    await bench.stop();
  }
}

/** Whether some panel in sight has this text. */
async function shown(bench, text) {
  if ((await bench.text(1).catch(() => "")).includes(text)) {
    return true;
  }
  for (const frame of bench.page.frames()) {
    if ((await frame.evaluate(() => document.body?.innerText ?? "").catch(() => "")).includes(text) && frame !== bench.page.mainFrame()) {
      return true;
    }
  }
  return false;
}
