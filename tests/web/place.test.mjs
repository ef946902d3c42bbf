// The reader's place, and what must not move.

import assert from "node:assert/strict";
import test from "node:test";
import { homeOf, isOver, looks, openPage, pane, start, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, whole } from "./texts.mjs";

useBrowser();

const lines = (word, n) => Array.from({ length: n }, (_, i) => `${word} ${i + 1} 段落目の文です。\n\n`).join("");
const top = (locator) => locator.evaluate((e) => e.getBoundingClientRect().top);

test("what is read stays where it is while text grows above it, below it and beside it", async () => {
  const home = await homeOf();
  const slow = (word) => ({ chunks: pieces(lines(word, 60), 30), delay_ms: 15 });
  const quick = (word) => ({ chunks: pieces(lines(word, 40), 200), delay_ms: 1 });
  await home.model.plays(whole({ depth: slow("深"), breadth: slow("広"), structure: quick("構"), time: slow("時") }));
  for (const width of [390, 1280]) {
    const page = await openPage(home.url, await windowOf({ width, height: 700 }));
    await start(page, `${task}${width}`);
    await looks(page, "structure", "done");
    const read = pane(page, "structure").locator(".answer p").nth(3);
    await read.evaluate((e) => e.scrollIntoView({ block: "center", behavior: "instant" }));
    // The reader is in it: it was pressed, or its row is the first that is seen.
    await read.click();
    const [before, above] = [await top(read), await pane(page, "depth").evaluate((e) => e.offsetHeight)];
    let most = 0;
    await until("the views' end", async () => {
      most = Math.max(most, Math.abs((await top(read)) - before));
      return (await page.locator(".pane.view.alive").count()) === 0;
    }, 60_000);
    most = Math.max(most, Math.abs((await top(read)) - before));
    const grown = (await pane(page, "depth").evaluate((e) => e.offsetHeight)) - above;
    assert.ok(grown > 300, `the text above grew by ${grown} px`);
    assert.ok(most <= 2, `moved by ${most} px at ${width}`);
    assert.deepEqual(page.problems, []);
    await page.close();
  }
});

test("the places are there from the first frame: until an answer is longer than its place, nothing moves", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf({ width: 1600, height: 1200 }));
  await page.locator("#text").fill(task);
  const boxes = () => page.evaluate(() => [...document.querySelectorAll(".pane.view, .pane.focus")].map((e) => {
    const { left, top, width } = e.getBoundingClientRect();
    return [left, top + window.scrollY, width].map(Math.round);
  }));
  const before = await boxes();
  await page.keyboard.press("Control+Enter");
  await pane(page, "depth").waitFor();
  const seen = [await boxes()];
  await looks(page, "depth", "done");
  seen.push(await boxes());
  await isOver(page);
  seen.push(await boxes());
  for (const later of seen) {
    assert.deepEqual(later, before);
  }
});

test("no answer scrolls in a box of its own, and nothing is wider than the page", async () => {
  const home = await homeOf();
  const wide = `| ${Array.from({ length: 12 }, (_, i) => `列の名前 ${i}`).join(" | ")} |\n|${"---|".repeat(12)}\n| ${"値 | ".repeat(12)}\n\n\`\`\`\n${"x".repeat(400)}\n\`\`\`\n\n${"y".repeat(600)}\n`;
  await home.model.plays(whole({ depth: { chunks: [wide] }, breadth: { chunks: [lines("広", 50)] } }));
  for (const width of [390, 820, 1600]) {
    const page = await openPage(home.url, await windowOf({ width, height: 800 }));
    await start(page, task);
    await isOver(page);
    const found = await page.evaluate(() => ({
      inside: [...document.querySelectorAll("main .run *")].filter((e) => {
        const { overflowY } = getComputedStyle(e);
        return (overflowY === "auto" || overflowY === "scroll") && e.scrollHeight > e.clientHeight + 1 && e.tagName !== "TEXTAREA";
      }).map((e) => e.className),
      wider: document.documentElement.scrollWidth - window.innerWidth,
      cut: [...document.querySelectorAll(".pane")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.dataset.branch),
    }));
    assert.deepEqual(found, { inside: [], wider: 0, cut: [] }, `${width}`);
    await page.close();
  }
});
