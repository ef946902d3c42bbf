// The list of earlier runs beside the page, where there are many.

import assert from "node:assert/strict";
import test from "node:test";
import { homeOf, openPage, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, views, whole } from "./texts.mjs";

useBrowser();

/** As when the reader comes back to the tab. */
const comeBack = (page) => page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
const looks = (page) => page.requests.filter((path) => path.startsWith("/v1/runs?")).length;

test("a list that was made longer stays so, and so does the keyboard, whatever has it looked at anew", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  for (let n = 1; n <= 35; n += 1) {
    await home.asks(`課題 ${n}`);
  }
  const page = await openPage(home.url, await windowOf());
  const entries = page.locator(".run-entry");
  await until("the newest", async () => (await entries.count()) === 30);
  await page.locator(".more").click();
  await until("all", async () => (await entries.count()) === 35);
  const last = entries.last();
  await last.locator(".pin").click();
  await until("the pin", async () => (await last.locator(".pin").getAttribute("aria-pressed")) === "true");
  assert.equal(await entries.count(), 35);
  assert.ok(await last.locator(".pin").evaluate((e) => e === document.activeElement));
  const before = looks(page);
  await comeBack(page);
  await until("another look", () => looks(page) > before);
  await page.waitForTimeout(300);
  assert.equal(await entries.count(), 35);
  // What is searched for begins at its beginning.
  await page.locator(".search").fill("課題");
  await until("the newest of those", async () => (await entries.count()) === 30);
  assert.deepEqual(page.problems, []);
});

test("a look that overtakes one for more brings them, too", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  for (let n = 1; n <= 35; n += 1) {
    await home.asks(`課題 ${n}`);
  }
  const page = await openPage(home.url, await windowOf());
  const entries = page.locator(".run-entry");
  await until("the newest", async () => (await entries.count()) === 30);
  let held;
  await page.route(/before=/, (route) => (held = route));
  await page.locator(".more").click();
  await until("that it is asked", () => held !== undefined);
  await comeBack(page);
  await until("all", async () => (await entries.count()) === 35);
  await held.fallback();
  await page.waitForTimeout(300);
  assert.equal(await entries.count(), 35);
  assert.deepEqual(page.problems, []);
});

test("a list with a run that goes on is looked at again, also after a look that has failed", async () => {
  const home = await homeOf();
  await home.model.plays(whole({ time: { chunks: pieces(views.time), delay_ms: 5, held: true } }));
  const page = await openPage(home.url, await windowOf());
  home.elsewhere("別の課題");
  const live = page.locator('.run-entry[data-look="live"]');
  await until("the run", async () => {
    await comeBack(page);
    // Each look has its time: the page drops the answer of every look but the last.
    await live.waitFor({ timeout: 2_000 });
    return true;
  });
  let fails = true;
  await page.route(/\/v1\/runs\?/, (route) => (fails ? route.abort() : route.fallback()));
  await until("that it is said", () => page.locator("#history .problem").isVisible());
  fails = false;
  await home.model.goesOn();
  await until("its end", async () => (await page.locator('.run-entry[data-look="done"]').count()) === 1);
  assert.ok(!(await page.locator("#history .problem").isVisible()));
  assert.deepEqual(page.problems, []);
});
