// The keyboard: input methods, the keys that send, and the whole walk without a pointer.

import assert from "node:assert/strict";
import test from "node:test";
import { homeOf, isOver, looks, openPage, pane, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, views, whole } from "./texts.mjs";

useBrowser();

/** Presses Tab until the element is there; fails where it cannot be reached. */
async function tabTo(page, selector, back = false) {
  for (let n = 0; n < 80; n += 1) {
    if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) {
      const seen = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      });
      assert.ok(seen, `${selector} shows that it has the keyboard`);
      return;
    }
    await page.keyboard.press(back ? "Shift+Tab" : "Tab");
  }
  assert.fail(`Tab does not come to ${selector}`);
}

for (const [name, selector] of [["the text", "#text"], ["a question", ".ask-all textarea"]]) {
  test(`${name}: no Enter that ends a composition sends, and no Enter alone`, async () => {
    const home = await homeOf();
    await home.model.plays(whole());
    const page = await openPage(home.url, await windowOf());
    if (selector !== "#text") {
      await page.locator("#text").fill(task);
      await page.keyboard.press("Control+Enter");
      await isOver(page);
    }
    const before = (await home.model.log()).length;
    const posts = () => page.requests.filter((path) => /^\/v1\/runs(\/\w+\/ask)?$/.test(path)).length;
    const asked = posts();
    const field = page.locator(selector);
    await field.focus();
    const cdp = await page.context().newCDPSession(page);
    // A composition as an input method makes one, and the keys that it takes.
    await cdp.send("Input.imeSetComposition", { text: "かいぎ", selectionStart: 3, selectionEnd: 3 });
    const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229, nativeVirtualKeyCode: 229 };
    for (const modifiers of [0, 2, 4]) {
      await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", modifiers, ...key });
      await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", modifiers, ...key });
    }
    await cdp.send("Input.insertText", { text: "会議" });
    // Some browsers end the composition first and send its Enter after it, with this code alone.
    await field.evaluate((e) => {
      for (const more of [{ isComposing: true }, { keyCode: 229 }, { isComposing: true, ctrlKey: true }, { keyCode: 229, ctrlKey: true }]) {
        e.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }));
      }
    });
    await page.keyboard.press("Enter");
    assert.match(await field.inputValue(), /会議\n$/);
    assert.equal(posts() - asked, 0);
    assert.equal((await home.model.log()).length, before);
    await page.keyboard.press("Control+Enter");
    await until("that it is sent", async () => (await home.model.log()).length > before);
    assert.equal(posts() - asked, selector === "#text" ? 1 : 1);
    await isOver(page);
    assert.deepEqual(page.problems, []);
  });
}

test("all of it with the keyboard alone", async () => {
  const home = await homeOf();
  await home.model.plays(whole({ time: { chunks: pieces(views.time), delay_ms: 5, held: true } }));
  const page = await openPage(home.url, await windowOf());
  await tabTo(page, "#text");
  await page.keyboard.insertText(task);
  await page.keyboard.press("Control+Enter");
  await looks(page, "depth", "done");
  await looks(page, "time", "live");
  // Stop one.
  await tabTo(page, '[data-branch="time"] .stop');
  await page.keyboard.press("Enter");
  await looks(page, "time", "stopped");
  assert.ok(await pane(page, "time").evaluate((e) => e.contains(document.activeElement)), "the keyboard stays in the section");
  await looks(page, "focus", "done");
  // Retry it.
  await home.model.plays(whole());
  await tabTo(page, '[data-branch="time"] .retry');
  await page.keyboard.press("Space");
  await looks(page, "time", "done");
  // Go to the focus by the bar.
  await tabTo(page, ".chip:last-child", true);
  await page.keyboard.press("Enter");
  assert.ok(await pane(page, "focus").evaluate((e) => e.contains(document.activeElement)));
  // Ask on, give it up, and ask.
  await tabTo(page, '[data-branch="focus"] .ask');
  await page.keyboard.press("Enter");
  await page.keyboard.insertText("だれが決めますか");
  await page.keyboard.press("Escape");
  assert.ok(await page.evaluate(() => document.activeElement?.matches('[data-branch="focus"] .ask')));
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+Enter");
  await until("the further answer", async () => (await page.locator(".pane.follow_up").count()) === 1);
  await isOver(page);
  // Find it in the history and come back to it.
  await tabTo(page, ".search", true);
  await tabTo(page, ".run-link");
  await page.keyboard.press("Enter");
  await tabTo(page, ".language:last-child", true);
  await page.keyboard.press("Enter");
  await until("English", async () => (await page.locator("#text-label").innerText()) === "Your text");
  await until("all of it", async () => (await page.locator(".pane[data-branch]").count()) === 6);
  // The first Tab offers a way past all of it.
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement?.matches(".skip")));
  await page.keyboard.press("Enter");
  assert.ok(await page.evaluate(() => document.activeElement?.id === "run-title"));
  assert.deepEqual(page.problems, []);
});

/** Keeps all that a screen reader is told from here on. */
async function listen(page) {
  await page.evaluate(() => {
    window.told = [];
    const said = document.getElementById("said");
    new MutationObserver(() => window.told.push(said.textContent)).observe(said, { childList: true, characterData: true, subtree: true });
  });
}

test("states are told politely and once, text never", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await listen(page);
  await page.locator("#text").fill(task);
  await page.keyboard.press("Control+Enter");
  await isOver(page);
  await until("the end told", () => page.evaluate(() => window.told.join("\n").includes("すべて終わりました")));
  const told = await page.evaluate(() => window.told.join("\n"));
  assert.match(told, /深さ: 完了/);
  assert.match(told, /焦点: 完了/);
  assert.doesNotMatch(told, /会議を長くしている|トークン|\d 字/);
  assert.ok(told.split("\n").length <= 30, told);
  const live = await page.evaluate(() => [...document.querySelectorAll("[aria-live], [role=status], [role=alert], [role=log]")].filter((e) => e.querySelector(".answer")).length);
  assert.equal(live, 0, "no answer stands in a live region");
});

test("a run that was over before the page had a look is told whole; one that is opened again is not", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await listen(page);
  await page.route(/follow=true/, async (route) => {
    const headers = await route.request().allHeaders();
    await (await fetch(route.request().url().replace("follow=true", ""), { headers })).text();
    await route.fallback();
  });
  await page.locator("#text").fill(task);
  await page.keyboard.press("Control+Enter");
  await until("the end told", () => page.evaluate(() => window.told.join("\n").includes("すべて終わりました")));
  const told = await page.evaluate(() => window.told.join("\n"));
  for (const section of ["深さ", "広さ", "構造", "時間", "焦点"]) {
    assert.match(told, new RegExp(`${section}: 完了`));
  }
  await page.reload();
  await page.locator(".pane[data-branch]").first().waitFor();
  await listen(page);
  await looks(page, "focus", "done");
  await page.waitForTimeout(1_000);
  assert.deepEqual(await page.evaluate(() => window.told), []);
  assert.deepEqual(page.problems, []);
});
