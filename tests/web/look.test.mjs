// How the page looks: both themes, high contrast, a phone and a wide window, on paper; and what axe-core finds.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";
import { homeOf, isOver, looks, openPage, pane, shot, start, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, views, whole } from "./texts.mjs";

useBrowser();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const english = "The weekly meeting runs long and decides nothing.\nThere are 12 items, and reports alone take an hour and a half.";

/** What axe finds. Its script is brought in past the page's policy, as a debugger would. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  assert.ok(passes.length > 15, "axe has looked");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}

const sights = [
  ["light-ja-1600", { width: 1600, height: 1000, lang: "ja-JP", colorScheme: "light" }],
  ["dark-en-1600", { width: 1600, height: 1000, lang: "en-US", colorScheme: "dark" }],
  ["light-en-390", { width: 390, height: 844, lang: "en-US", colorScheme: "light", hasTouch: true, isMobile: true }],
  ["dark-ja-390", { width: 390, height: 844, lang: "ja-JP", colorScheme: "dark", hasTouch: true, isMobile: true }],
  ["contrast-ja-1280", { width: 1280, height: 900, lang: "ja-JP", forcedColors: "active" }],
];

for (const [name, options] of sights) {
  test(`${name}: axe-core finds nothing, empty, under way and over`, async () => {
    const home = await homeOf(options.lang.slice(0, 2));
    await home.model.plays(whole({ breadth: { chunks: pieces(views.breadth), delay_ms: 5, held: true }, structure: { status: 401 } }));
    const page = await openPage(home.url, await windowOf(options));
    await until("who is asked", async () => /127/.test(await page.locator("#who").innerText()));
    await shot(page, `${name}-empty`);
    const found = [...(await faults(page))];
    await start(page, options.lang === "en-US" ? english : task);
    await looks(page, "depth", "done");
    await looks(page, "structure", "failed");
    await looks(page, "breadth", "live");
    await shot(page, `${name}-live`);
    found.push(...(await faults(page)));
    await home.model.goesOn();
    await isOver(page);
    await pane(page, "depth").locator(".ask").click();
    await shot(page, `${name}-over`, { fullPage: true });
    found.push(...(await faults(page)));
    await page.locator(".choice summary").click();
    await shot(page, `${name}-choice`);
    found.push(...(await faults(page)));
    if (options.width < 1100) {
      await page.locator("#history-button").click();
      await page.locator(".run-link").first().waitFor();
      await shot(page, `${name}-history`);
      found.push(...(await faults(page)));
    }
    assert.deepEqual(found, []);
    assert.deepEqual(page.problems, []);
  });
}

test("the page speaks the browser's language until the reader says another, and keeps that", async () => {
  const home = await homeOf();
  const context = await windowOf({ lang: "en-US" });
  const page = await openPage(home.url, context);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  await page.locator("#text").fill("書きかけ");
  await page.locator('.language[lang="ja"]').click();
  await until("Japanese", async () => (await page.locator("#text-label").innerText()) === "課題");
  assert.equal(await page.locator("#text").inputValue(), "書きかけ");
  await page.reload();
  await until("Japanese still", async () => (await page.locator("#text-label").innerText()) === "課題");
  assert.deepEqual(page.problems, []);
});

test("on paper there are the answers alone, dark on white", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf({ colorScheme: "dark" }));
  await start(page, task);
  await isOver(page);
  await page.emulateMedia({ media: "print" });
  const seen = await page.evaluate(() => {
    const isSeen = (selector) => [...document.querySelectorAll(selector)].some((e) => e.checkVisibility());
    return {
      answers: document.querySelectorAll(".pane .answer").length,
      gone: [".top", ".history", ".composer", ".bar", ".acts", ".ask-all", "button"].filter(isSeen),
      ink: getComputedStyle(document.querySelector(".pane .answer")).color,
    };
  });
  assert.deepEqual([seen.answers, seen.gone], [5, []]);
  assert.equal(seen.ink, "rgb(29, 30, 33)");
  await shot(page, "paper", { fullPage: true });
  const pdf = await page.pdf({ format: "A4" });
  assert.ok(pdf.length > 5000);
});
