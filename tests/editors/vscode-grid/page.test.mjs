// The page in a real browser: what it shows, and what it never does.

import assert from "node:assert/strict";
import test from "node:test";
import { empty, fold, readEvent } from "./out/units.mjs";
import * as s from "./script.mjs";
import { gridWith, lines, texts } from "./setup.mjs";
import { hostile, showcase } from "./texts.mjs";

const scroll = (grid, branch) =>
  grid.body(branch).evaluate((b) => ({ top: b.scrollTop, end: b.scrollHeight - b.clientHeight, left: b.scrollLeft }));

test("panes stand in the order of the start, with states in their heads", async () => {
  const grid = await gridWith(showcase);
  assert.deepEqual(await texts(grid, ".title"), ["深さ", "広さ", "構造", "時間"]);
  assert.deepEqual(await texts(grid, ".state"), [
    "完了",
    `書いています · ${count(showcase, "breadth")} 字`,
    "考えています · 1,280 字",
    "Ollama（127.0.0.1:11434）につながりません。起動しているかを確かめてください。",
  ]);
  assert.deepEqual(await texts(grid, ".facts >> visible=true"), [
    "llama3.2:3b · 1,100（うち 800 は再利用） → 320 トークン · 4.1 秒",
    "llama3.2:3b",
    "llama3.2:3b",
    "llama3.2:3b · 0.0 秒",
  ]);
  assert.equal(await grid.page.locator(".count").innerText(), "4 件中 1 件完了");
  assert.equal(await grid.page.locator(".origin").innerText(), "課題.md:3–5 · Ollama (127.0.0.1:11434)");
  assert.deepEqual(grid.problems, []);
  assert.deepEqual(await grid.violations(), []);
});

test("what the reader should know of the run stands in its head", async () => {
  const notes = ["`.kaizodo/config.toml` は使いません。", "2 か所を伏せました。\u202e"];
  const grid = await gridWith([{ ...s.started(s.four), notes }]);
  const shown = await grid.page.locator(".notes").innerText();
  assert.equal(shown, "⚠ `.kaizodo/config.toml` は使いません。\n⚠ 2 か所を伏せました。⟨U+202E⟩");
  const without = await gridWith([s.started(s.four)]);
  assert.equal(await without.page.locator(".notes").isVisible(), false);
});

const count = (events, branch) =>
  [...events.filter((e) => e.event === "delta" && e.branch === branch).map((e) => e.text).join("")].length;

test("one column where it is narrow, two where there is room, any number of panes", async () => {
  const columns = async (width, n) => {
    const sections = Array.from({ length: n }, (_, i) => [`b${i}`, `視点 ${i}`]);
    const grid = await gridWith([s.started(sections)], { width });
    const lefts = await grid.page.locator(".pane").evaluateAll((all) => all.map((p) => p.offsetLeft));
    const wide = await grid.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, `${width} px, ${n} panes: nothing scrolls sideways`);
    assert.equal(lefts.length, n);
    return new Set(lefts).size;
  };
  assert.equal(await columns(400, 4), 1);
  assert.equal(await columns(900, 1), 1);
  assert.equal(await columns(900, 4), 2);
  assert.equal(await columns(900, 7), 2);
  assert.equal(await columns(1700, 4), 2);
  assert.equal(await columns(1700, 9), 3);
});

test("a section that is added later has its pane below the one that it goes on from", async () => {
  const story = (b) => [s.start(b), s.delta(b, `${b}!`), s.done(b)];
  const grid = await gridWith([s.started(s.five), ...s.five.flatMap(([b]) => story(b))]);
  const added = (branch, after) => ({ event: "section_added", section: { branch, title: branch, role: "follow_up" }, after });
  await grid.play([added("why", "focus"), ...story("why"), added("how", "breadth"), added("then", "how"), ...story("then")]);
  const titles = ["焦点", "why", "深さ", "広さ", "how", "then", "構造", "時間"];
  assert.deepEqual(await texts(grid, ".title"), titles);
  assert.equal(await grid.body("then").innerText(), "then!");
  assert.equal(await grid.body("depth").innerText(), "depth!");
  assert.equal(await grid.page.locator(".count").innerText(), "8 件中 7 件完了");
  const tops = await grid.page.locator(".pane").evaluateAll((all) => all.map((p) => p.getBoundingClientRect().top));
  assert.ok(tops[1] > tops[0] && tops[4] > tops[3] && tops[5] > tops[4] && tops[6] > tops[5], String(tops));
  assert.deepEqual(grid.problems, []);
});

test("a pane follows its end for a reader who is there, and only then", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.start("time"), s.delta("depth", lines(60)), s.delta("time", lines(60))]);
  const followed = await scroll(grid, "depth");
  assert.ok(followed.end > 300 && followed.end - followed.top < 2, JSON.stringify(followed));
  await grid.body("depth").evaluate((b) => (b.scrollTop = 120));
  await grid.play([s.delta("depth", lines(30, 60)), s.delta("time", lines(30, 60))]);
  assert.equal((await scroll(grid, "depth")).top, 120);
  const other = await scroll(grid, "time");
  assert.ok(other.end - other.top < 2, "the other pane still follows");
  const toEnd = grid.pane("depth").locator(".to-end");
  assert.ok(await toEnd.isVisible());
  await toEnd.click();
  await grid.play([s.delta("depth", lines(10, 90))]);
  const again = await scroll(grid, "depth");
  assert.ok(again.end - again.top < 2, "follows again");
  assert.equal(await toEnd.isVisible(), false);
  await grid.page.setViewportSize({ width: 700, height: 500 });
  await grid.play([s.thinking("breadth", 1)]);
  const resized = await scroll(grid, "depth");
  assert.ok(resized.end - resized.top < 2, "a change of size keeps the end");
});

test("the smallest move up lets go of the end", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", lines(60))]);
  const { top } = await scroll(grid, "depth");
  await grid.body("depth").evaluate((b) => (b.scrollTop -= 5));
  await grid.play([s.thinking("time", 1)]);
  await grid.play([s.delta("depth", lines(5, 60))]);
  assert.equal((await scroll(grid, "depth")).top, top - 5);
});

test("a page that was hidden comes back where its reader was", async () => {
  const events = [s.started(s.four), s.start("depth"), s.start("time"), s.delta("depth", lines(60)), s.delta("time", lines(60))];
  const left = await gridWith(events);
  await left.body("depth").evaluate((b) => (b.scrollTop = 150));
  await left.page.waitForFunction(() => window.kept?.places.depth !== undefined);
  const kept = await left.page.evaluate(() => window.kept);
  assert.deepEqual(kept, { places: { depth: 150 }, page: 0 });
  const run = fold(empty, s.stamp(events).map(readEvent));
  const back = await gridWith([], { kept, run });
  assert.equal((await scroll(back, "depth")).top, 150);
  const time = await scroll(back, "time");
  assert.ok(time.end > 300 && time.end - time.top < 2);
});

test("the end of a section does not move a reader", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", lines(60))]);
  await grid.body("depth").evaluate((b) => (b.scrollTop = 200));
  await grid.play([s.done("depth"), s.start("time"), s.failed("time", "駄目でした。"), s.ended("partial")]);
  assert.equal((await scroll(grid, "depth")).top, 200);
});

test("settled blocks are left alone while the text grows", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", "一段落目\n\n二段落目\n続き")]);
  await grid.body("depth").evaluate((b) => (b.querySelector("p").mark = true));
  await grid.play([s.delta("depth", "の行\n\n三段落目"), s.delta("time", "x")]);
  assert.equal(await grid.body("depth").evaluate((b) => b.querySelector("p").mark), true);
  assert.deepEqual(await texts(grid, '[data-branch="depth"] .answer p'), ["一段落目", "二段落目\n続きの行", "三段落目"]);
});

test("Japanese, emoji families and an open fence are shown as they are", async () => {
  const family = "👩‍👩‍👧‍👦";
  const grid = await gridWith([
    s.started(s.four),
    s.start("depth"),
    ...[..."日本語と", family, "が並ぶ。\n\n```rust\nfn main() {\n\n# まだコード\n"].map((c) => s.delta("depth", c)),
  ]);
  assert.equal((await texts(grid, '[data-branch="depth"] .answer p'))[0], `日本語と${family}が並ぶ。`);
  assert.match((await texts(grid, '[data-branch="depth"] pre code'))[0], /fn main\(\) \{\n\n# まだコード/);
  assert.equal(await grid.page.locator(".answer h3").count(), 0);
});

test("nothing hostile is run, loaded or followed", async () => {
  const grid = await gridWith([
    s.started([["depth", "<img src=x onerror=alert(1)>"], ["time", "時間"]]),
    s.start("depth", "<b>model</b>"),
    ...[...hostile].map((c) => s.delta("depth", c)),
    s.start("time"),
    s.failed("time", "<a href=https://evil.example>x</a>", { note: "" }),
  ]);
  const found = await grid.page.evaluate(
    () => document.querySelectorAll("main a, main img, main iframe, main form, main input, main script, main [onclick], main [style], main svg image").length,
  );
  assert.equal(found, 0);
  for (const link of await grid.page.locator(".link").all()) {
    await link.click({ force: true });
  }
  await grid.page.waitForTimeout(200);
  assert.deepEqual([...new Set(grid.requests)].sort(), ["/", "/answer.css", "/grid.css", "/pane.css", "/webview.js"]);
  assert.deepEqual(grid.problems, []);
  assert.deepEqual(await grid.violations(), []);
  assert.deepEqual((await grid.said()).filter(({ type }) => type !== "ready"), []);
  assert.match((await texts(grid, '[data-branch="depth"] .answer'))[0], /⟨https:\/\/evil\.example\/link⟩/);
});

test("the policy would stop what slipped through", async () => {
  const grid = await gridWith([s.started(s.four)]);
  await grid.page.evaluate(() => {
    const main = document.querySelector("main");
    main.insertAdjacentHTML("beforeend", '<img src="https://evil.example/i.png" onerror="window.ran = 1"><iframe src="https://evil.example/f"></iframe>');
    main.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 2" }));
    return fetch("https://evil.example/f").catch(() => 0);
  });
  await grid.page.waitForTimeout(100);
  assert.equal(await grid.page.evaluate(() => window.ran), undefined);
  assert.deepEqual(grid.requests.filter((url) => !url.startsWith("/")), []);
  const stopped = new Set(await grid.violations());
  assert.ok(["img-src", "frame-src", "connect-src"].every((d) => stopped.has(d)), [...stopped].join());
});

test("a retry keeps the old answer in sight until the new one begins", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", "古い答え"), s.failed("depth", "切れました。")]);
  await grid.play([s.start("depth", "other")]);
  assert.deepEqual(await texts(grid, '[data-branch="depth"] .answer'), ["古い答え"]);
  await grid.play([s.delta("depth", "新しい答え")]);
  assert.deepEqual(await texts(grid, '[data-branch="depth"] .answer'), ["新しい答え"]);
});

test("two thousand deltas are drawn in time", async (t) => {
  const grid = await gridWith([s.started(s.four), ...s.four.map(([b]) => s.start(b))]);
  const piece = (i) => (i % 40 === 39 ? "。\n\n- **項目** `x` " : i % 9 === 8 ? "\n- 続き " : "語の並び");
  const events = s.stamp(
    Array.from({ length: 2000 }, (_, i) => s.delta(s.four[i % 4][0], piece(Math.floor(i / 4)))),
    6,
  ).map(readEvent);
  const { took, longest, worst } = await grid.page.evaluate(async (events) => {
    let longest = 0;
    let worst = 0;
    const began = performance.now();
    for (let i = 0; i < events.length; i += 4) {
      const before = performance.now();
      window.dispatchEvent(new MessageEvent("message", { data: { type: "events", events: events.slice(i, i + 4) } }));
      worst = Math.max(worst, performance.now() - before);
      if (i % 16 === 0) {
        const frame = performance.now();
        await new Promise((resolve) => setTimeout(resolve));
        longest = Math.max(longest, performance.now() - frame);
      }
    }
    while (document.querySelectorAll(".state").length && ![...document.querySelectorAll(".body")].every((b) => b.innerText.length > 1000)) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return { took: performance.now() - began, longest, worst };
  }, events);
  t.diagnostic(`note: 2,000 deltas in ${Math.round(took)} ms, longest pause ${Math.round(longest)} ms, longest fold ${worst.toFixed(1)} ms`);
  assert.ok(took < 5000, `${took} ms`);
  assert.ok(longest < 500, `${longest} ms`);
});
