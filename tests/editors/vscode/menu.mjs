// Who will be asked: in the status bar as soon as the server has told, with a menu; and the example of the walkthrough, without a key or a model.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

export async function menu(test) {
  const settings = { "kaizodo.view": "grid", "kaizodo.provider": undefined, "kaizodo.baseUrl": undefined, "kaizodo.model": undefined };
  const bench = await Workbench.start({ files: { "notes.md": NOTES }, settings });
  const check = bench.checks(test);
  const row = (text) => bench.page.locator(`.quick-input-list .monaco-list-row:has-text("${text}")`).first();
  const input = () => bench.page.locator(".quick-input-widget input:visible").first();
  const item = bench.page.locator("#kaizodo\\.kaizodo\\.kaizodo\\.status");
  try {
    await check("the status item says who will be asked, and its menu sets up another server with its model", async () => {
      await until("the name", async () => (await bench.who()).includes("Kaizodo"));
      await item.click();
      await row("Choose Provider…").waitFor();
      await bench.shot("menu");
      await row("Choose Provider…").click();
      await row("Another server…").waitFor();
      await bench.shot("menu-who");
      await row("Another server…").click();
      await until("the field", async () => (await input().inputValue()) === "" && (await bench.page.locator(".quick-input-title").innerText()).startsWith("Another"));
      await bench.page.keyboard.type(`http://127.0.0.1:${bench.model.port}/v1`);
      await bench.press("Enter");
      await row("The server's first model").waitFor();
      const listed = bench.page.locator('.quick-input-list .monaco-list-row[aria-label^="scripted"]');
      await listed.waitFor();
      assert.match(await bench.page.locator(".quick-input-list").innerText(), new RegExp(`127\\.0\\.0\\.1:${bench.model.port}`));
      await until("the default's name", async () => /scripted · in use/.test(await row("The server's first model").innerText()));
      await bench.shot("menu-models");
      await listed.click();
      await until("who is asked now", async () => (await bench.who()).trim().endsWith(`scripted · 127.0.0.1:${bench.model.port}`));
      const saved = await readFile(path.join(bench.home, "data/Machine/settings.json"), "utf8").catch(() => readFile(path.join(bench.home, "data/User/settings.json"), "utf8"));
      assert.match(saved, /"kaizodo\.baseUrl"/);
      await bench.model.plays(script(2, 10));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      await page(bench).locator('[data-branch="time"]', { hasText: "time 2" }).waitFor();
      assert.equal((await bench.model.log())[0].model, "scripted");
    });

    await check("a failure's next step is a button: a key that is refused is set, and the sections are retried", async () => {
      await bench.model.plays(script(2, 10, Object.fromEntries(["depth", "breadth", "structure", "time"].map((name) => [name, { status: 401 }]))));
      await bench.select(3);
      await bench.press("Control+Alt+u");
      const trouble = page(bench).locator(".trouble");
      await trouble.locator("button", { hasText: "Set API Key…" }).waitFor();
      assert.equal((await page(bench).innerText()).split(/[(（]401[)）]/).length, 2, "told once");
      await bench.shot("trouble");
      await bench.model.plays(script(2, 10));
      await trouble.locator("button", { hasText: "Set API Key…" }).click();
      await bench.page.locator('.quick-input-widget input[type="password"]').waitFor();
      await bench.field();
      await bench.page.keyboard.type("sk-of-this-test");
      await bench.press("Enter");
      await bench.page.locator(".notification-toast", { hasText: "API key saved. Answers now come from" }).waitFor();
      await trouble.locator("button", { hasText: "Retry Failed Sections" }).click();
      await until("all answers", async () => (await page(bench).locator('.pane[data-look="done"]').count()) === 4);
      assert.equal(await trouble.isVisible(), false);
      await bench.palette("Kaizodo: Delete API Key");
    });

    await check("the walkthrough's example is there and looked at with one command, without a model", async () => {
      await item.click();
      await row("Choose Provider…").click();
      await row("No model: the worksheet").click();
      await until("nobody", async () => (await bench.who()).includes("No model: the worksheet"));
      await bench.palette("Kaizodo: Try It on an Example");
      await page(bench).locator('[data-branch="time"][data-look="done"]').waitFor();
      assert.match(await bench.text(0), /Our tests fail now and then/);
      await bench.shot("example");
    });
  } finally {
    await bench.stop();
  }
}

/** The page of the webview that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");
