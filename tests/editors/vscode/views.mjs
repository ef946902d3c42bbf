// The other ways to look: the rendered preview, and the grid in light and dark.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function views(test) {
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings: { "kaizodo.view": "preview" } });
  const check = bench.checks(test);
  try {
    await check("the preview renders the panel beside while it grows, and the focus stays in the source", async () => {
      await bench.model.plays(script(20, 500, { time: { held: true } }));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      const early = await until("the first lines", () => rendered(bench, "depth 1"));
      assert.ok(!early.text.includes("time 20"), "it is still growing");
      await bench.shot("7-preview");
      await bench.model.goesOn();
      const done = await until("all of it", () => rendered(bench, "time 20"));
      assert.deepEqual(done.headings, ["深さ", "広さ", "構造", "時間"]);
      assert.equal(await bench.focused(), 0);
    });

    await check("the grid shows a pane for each perspective, in light and dark, and stops and asks anew by pane", async () => {
      await bench.configure({ "kaizodo.view": "grid" });
      const odd = { breadth: { status: 401 }, structure: { chunks: ["- S1\n"], delay_ms: 10 } };
      await bench.model.plays(script(300, 150, { depth: { hang: true }, time: { hang: true }, ...odd }));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await until("the panes", () => rendered(bench, "depth 3"));
      await bench.shot("8-grid-light");
      assert.equal(await bench.focused(), 0);
      await bench.configure({ "workbench.colorTheme": "Default Dark Modern" });
      await until("the dark theme", async () => (await bench.page.locator(".monaco-workbench.vs-dark").count()) === 1);
      await until("what is over", async () => {
        const grid = await rendered(bench, "depth 3");
        return grid?.text.includes("S1") && grid.text.includes("401");
      });
      await bench.shot("9-grid-dark");
      await bench.palette("Kaizodo: Stop");
      await until("two closed requests", async () => {
        return (await bench.model.log()).filter(({ event }) => event === "closed").length === 2;
      });
      await until("the end", async () => (await bench.status()) === "");
    });

    await test("the pages asked no host but this machine", () => {
      // A webview's own frames have names below vscode-cdn.net, which the page's service worker answers.
      assert.deepEqual([...bench.outside].filter((host) => !host.endsWith(".vscode-cdn.net")), []);
    });
  } finally {
    await bench.stop();
  }
}

/** What a webview shows, once it has `text` in it. */
async function rendered(bench, text) {
  for (const frame of bench.page.frames()) {
    const shown = await frame
      .evaluate(() => ({
        text: document.body?.innerText ?? "",
        headings: [...document.querySelectorAll("h2")].map((heading) => heading.innerText.trim()),
      }))
      .catch(() => undefined);
    if (frame !== bench.page.mainFrame() && shown?.text.includes(text)) {
      return shown;
    }
  }
  return undefined;
}
