// A panel copied into a document of the reader's own: from the text, the preview and the grid, also while a run goes on.

import assert from "node:assert/strict";
import { each, NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const COPY = "Kaizodo: Copy Panel to a New Document";

export async function copy(test) {
  const files = {
    "notes.md": NOTES,
    "other.md": NOTES.replaceAll("テスト", "ビルド"),
  };
  const bench = await Workbench.start({ files });
  const check = bench.checks(test);
  const view = async (name) => {
    await bench.configure({ "kaizodo.view": name });
  };
  const start = async () => {
    await bench.select(3);
    await bench.press("Control+Alt+u");
  };
  try {
    await check("there is nothing to copy before the first run", async () => {
      await bench.palette(COPY);
      await bench.page.locator(".notification-toast", { hasText: "There is no panel yet." }).waitFor();
      assert.equal(await copyTab(bench).count(), 0);
      await bench.palette("Notifications: Clear All Notifications");
    });

    await check("the text: a button of the panel's title opens an editable copy, which is Markdown", async () => {
      await bench.model.plays(script(3, 10));
      await start();
      await until("the text", async () => (await bench.text(1)).includes("time 3"));
      await until("the end", async () => (await bench.status()) === "");
      await enterText(bench);
      await button(bench).click();
      await copyTab(bench).waitFor();
      const panel = await until("the copy", async () => {
        const [text, copied] = [await bench.text(1), await bench.text(2)];
        return copied === text && text.includes("time 1") && text;
      });
      await until("the keys in the copy", async () => (await bench.focused()) === 2);
      await bench.page.locator(".part.statusbar", { hasText: "Markdown" }).waitFor();
      await bench.shot("copy-text");
      await bench.press("Control+Home");
      await bench.page.keyboard.type("mine: ");
      await until("what was typed", async () => (await bench.text(2)).startsWith("mine: # "));
      assert.equal(await bench.text(1), panel);
      await discard(bench);
    });

    await check("while a run goes on, from the source: what has come so far, and no more", async () => {
      // Held, so that no section is over however long the looks take.
      await bench.model.plays(script(100, 150, each({ held: true })));
      await start();
      await until("some text", async () => (await bench.text(1)).includes("depth 3"));
      await bench.palette(COPY);
      await copyTab(bench).waitFor();
      const copied = await until("the copy", async () => {
        const text = await bench.text(1);
        return (await bench.focused()) === 1 && text.includes("depth 3") && text;
      });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      assert.equal(await bench.text(1), copied);
      assert.match(await bench.status(), /0\/4/, "the run goes on");
      await discard(bench);
      await bench.page.locator('.tab:has-text("テスト")').first().click();
      await until("a panel that has grown", async () => (await bench.text(1)).includes("depth 12"));
    });

    await check("the rendered preview: the palette copies its text", async () => {
      await view("preview");
      await bench.model.plays(script(3, 10));
      await start();
      await bench.rendered("the text", async () => (await page(bench).innerText()).includes("time 3"));
      await until("the end", async () => (await bench.status()) === "");
      await enterPage(bench);
      await button(bench).waitFor();
      await bench.palette(COPY);
      await until("the copy", async () => /## 深さ - depth 1 .*## 時間 - time 1 /.test(await bench.text(2)));
      await discard(bench);
    });

    await check("the grid: a button of its title copies the run in front, and not the latest", async () => {
      await view("grid");
      await bench.model.plays(script(3, 10));
      await start();
      await until("the first run", async () => (await page(bench).innerText()).includes("time 3"));
      await until("its end", async () => (await bench.status()) === "");
      await bench.page.locator('.tabs-container .tab:has-text("テストがときどき落ちる")').first().click();
      await bench.palette("View: Pin Editor");
      await bench.model.plays(script(2, 10, { depth: { chunks: ["- later\n"] } }));
      await bench.open("other.md");
      await start();
      await until("the second run", async () => (await page(bench).innerText()).includes("later"));
      await until("its end", async () => (await bench.status()) === "");
      await bench.page.locator('.tabs-container .tab:has-text("テストがときどき落ちる")').first().click();
      await until("the first page", async () => (await page(bench).innerText()).includes("time 3"));
      await enterPage(bench);
      await bench.shot("copy-grid-button");
      await button(bench).click();
      const text = await until("the copy", async () => {
        const shown = await bench.text(2);
        return shown.includes("time 1") && shown;
      });
      assert.ok(text.startsWith("# ") && text.includes("## 深さ - depth 1 ") && !text.includes("later"), text);
      await bench.shot("copy-grid");
      await discard(bench);
    });
  } finally {
    await bench.stop();
  }
}

/** The copy's tab: nothing else here is changed. Its name is the text's first line. */
const copyTab = (bench) => bench.page.locator(".tab.active.dirty");

/** The button in the title of the group that has the focus. */
const button = (bench) =>
  bench.page.locator('.editor-group-container.active .editor-actions .action-label[aria-label="Copy Panel to a New Document"]');

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");

async function enterText(bench) {
  await bench.page.locator(".editor-group-container").nth(1).locator(".view-line").nth(2).click();
}

async function enterPage(bench) {
  await page(bench).click();
  await new Promise((resolve) => setTimeout(resolve, 500)); // until the extension has heard of it
}

/**
 * Empties the copy, so that closing it asks for nothing. A preview that is drawn anew may take the focus between two key
 * presses, so each step clicks where it is meant to work, and is done again until it has.
 */
async function discard(bench) {
  await copyTab(bench).waitFor();
  const group = bench.page.locator(".editor-group-container", { has: copyTab(bench) });
  await until("the copy to be empty", async () => {
    if ((await copyTab(bench).count()) > 0) {
      await group.locator(".view-lines").click({ timeout: 2_000 });
      await bench.press("Control+a", "Delete");
    }
    return (await copyTab(bench).count()) === 0;
  });
  const tab = bench.page.locator('.tab:has-text("Untitled-")');
  await until("the copy to go", async () => {
    if ((await tab.count()) > 0) {
      await tab.click({ timeout: 2_000 });
      await bench.palette("View: Close Editor");
      // Closed once more too soon, it would be another editor.
      await until("its end", async () => (await tab.count()) === 0, 5_000);
    }
    return (await tab.count()) === 0;
  });
}
