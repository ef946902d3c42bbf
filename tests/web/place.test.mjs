// The reader's place, and what must not move.

import assert from "node:assert/strict";
import test from "node:test";
import { homeOf, isOver, looks, openPage, pane, start, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, whole } from "./texts.mjs";

useBrowser();

const lines = (word, n) => Array.from({ length: n }, (_, i) => `${word} ${i + 1} 段落目の文です。\n\n`).join("");

test("what is read stays where it is while text grows above it, below it and beside it", async () => {
  const home = await homeOf();
  // Each has begun, and most of it is still to come.
  const grows = (word, n) => ({ chunks: [lines(word, 2), ...pieces(lines(word, 20), 80), lines(word, n)], delay_ms: 2, held: true });
  for (const width of [390, 1280]) {
    await home.model.plays(whole({ depth: grows("深", 30), breadth: grows("広", 60), structure: { chunks: [lines("構", 40)] }, time: grows("時", 30) }));
    const page = await openPage(home.url, await windowOf({ width, height: 700 }));
    await start(page, `${task}${width}`);
    await looks(page, "structure", "done");
    for (const word of ["depth", "breadth", "time"]) {
      await until("its beginning", async () => /20 段落目/.test(await pane(page, word).innerText()));
    }
    const read = pane(page, "structure").locator(".answer p").nth(3);
    await read.evaluate((e) => e.scrollIntoView({ block: "center", behavior: "instant" }));
    await read.click();
    // Where it stands in every frame from now on.
    await read.evaluate((e) => {
      const before = e.getBoundingClientRect().top;
      window.moved = 0;
      const look = () => {
        window.moved = Math.max(window.moved, Math.abs(e.getBoundingClientRect().top - before));
        requestAnimationFrame(look);
      };
      look();
    });
    const above = await pane(page, "depth").evaluate((e) => e.offsetHeight);
    await home.model.goesOn();
    await until("the views' end", async () => (await page.locator(".pane.view.alive").count()) === 0, 60_000);
    await looks(page, "focus", "done");
    const grown = (await pane(page, "depth").evaluate((e) => e.offsetHeight)) - above;
    assert.ok(grown > 300, `the text above grew by ${grown} px`);
    const moved = await page.evaluate(() => window.moved);
    assert.ok(moved <= 2, `moved by ${moved} px at ${width}`);
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
