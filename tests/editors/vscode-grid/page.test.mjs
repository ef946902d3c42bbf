// The page in a real browser: what it shows, and what it never does.

import assert from "node:assert/strict";
import test from "node:test";
import { empty, fold, readEvent } from "./out/units.mjs";
import * as s from "./script.mjs";
import { gridWith, lines, texts } from "./setup.mjs";
import { hostile, showcase } from "./texts.mjs";

const scroll = (grid) =>
  grid.page.evaluate(() => {
    const { scrollTop, scrollHeight, clientHeight } = document.scrollingElement;
    return { top: scrollTop, end: scrollHeight - clientHeight };
  });
const scrollTo = async (grid, top) => {
  await grid.page.evaluate((top) => (document.scrollingElement.scrollTop = top), top);
  await grid.page.waitForTimeout(50);
};
/** How far below the window's upper edge something stands. */
const topOf = async (locator) => (await locator.boundingBox()).y;

test("panes stand in the order of the start, with states in their heads", async () => {
  const grid = await gridWith(showcase);
  assert.deepEqual(await texts(grid, ".title"), ["深さ", "広さ", "構造", "時間"]);
  assert.deepEqual(await texts(grid, ".state"), [
    "完了",
    `書いています · ${count(showcase, "breadth")} 字`,
    "考えています · 1,280 字",
    "失敗しました",
  ]);
  assert.deepEqual(await texts(grid, ".reason >> visible=true"), ["Ollama（127.0.0.1:11434）につながりません。起動しているかを確かめてください。"]);
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
  assert.equal(shown, "⚠ .kaizodo/config.toml は使いません。\n⚠ 2 か所を伏せました。⟨U+202E⟩");
  assert.deepEqual(await texts(grid, ".notes code"), [".kaizodo/config.toml"]);
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
  assert.equal(await columns(750, 4), 1);
  assert.equal(await columns(770, 4), 2);
  assert.equal(await columns(900, 1), 1);
  assert.equal(await columns(900, 4), 2);
  assert.equal(await columns(900, 7), 2);
  assert.equal(await columns(1700, 4), 2);
  assert.equal(await columns(1700, 9), 3);
});

test("the bar of sections stays in sight, says how far each is, and goes to one as its key does", async () => {
  const grid = await gridWith([s.started(s.five), ...s.four.map(([b]) => s.start(b)), s.delta("depth", lines(60)), s.delta("time", lines(60))]);
  const chips = grid.page.locator(".chip");
  const placed = () => grid.page.locator(".chip-title, .sections").evaluateAll((all) => all.map((e) => [e.getBoundingClientRect().left, e.getBoundingClientRect().height]));
  assert.deepEqual(await texts(grid, ".chip"), ["焦点", "深さ", "広さ", "構造", "時間"]);
  const before = await placed();
  assert.deepEqual(
    await chips.evaluateAll((all) => all.slice(0, 3).map((chip) => [chip.getAttribute("aria-label"), chip.title, chip.dataset.look])),
    [
      ["焦点: 視点がそろうのを待っています", "焦点: 視点がそろうのを待っています（1 キー）", "queued"],
      ["深さ: 書いています", "深さ: 書いています（2 キー）", "live"],
      ["広さ: 答えを待っています", "広さ: 答えを待っています（3 キー）", "waiting"],
    ],
  );
  const inSight = async (branch) => {
    const [bar, head] = await Promise.all([grid.page.locator(".sections"), grid.pane(branch).locator(".head")].map((e) => e.boundingBox()));
    return bar.y === 0 && head.y >= bar.height - 1 && head.y + head.height <= 760;
  };
  await chips.last().click();
  assert.deepEqual([await grid.focused(), await inSight("time")], ["time", true]);
  await grid.page.keyboard.press("End");
  await grid.page.waitForTimeout(50);
  await grid.page.keyboard.press("2");
  assert.deepEqual([await grid.focused(), await inSight("depth")], ["depth", true]);
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await chips.evaluateAll((all) => all.map((chip) => chip.getAttribute("aria-current"))), [null, "true", null, null, null]);
  await chips.last().click();
  assert.deepEqual(await texts(grid, ".title >> visible=true"), ["時間"]);
  await grid.page.keyboard.press("Escape");
  await grid.play([s.done("depth"), s.failed("breadth", "だめ"), s.cancelled("structure"), s.done("time"), s.start("focus"), s.delta("focus", "答え"), s.done("focus")]);
  assert.deepEqual(await placed(), before, "no title moves, and the bar keeps its height");
  assert.deepEqual(await chips.evaluateAll((all) => all.map((chip) => chip.dataset.look)), ["done", "done", "failed", "stopped", "done"]);
  await grid.play([{ event: "section_added", section: { branch: "why", title: "なぜ", role: "follow_up" }, after: "focus" }]);
  assert.deepEqual(await texts(grid, ".chip"), ["焦点", "深さ", "広さ", "構造", "時間", "なぜ"], "where its key is");
  await grid.page.screenshot({ path: "out/sections.png" });
  assert.deepEqual(grid.problems, []);
});

test("the button that unfolds stands where no button to stop was, and the bar fits into a narrow window", async () => {
  for (const width of [360, 480, 1100]) {
    const grid = await gridWith([s.started(s.five), ...s.five.flatMap(([b]) => [s.start(b), s.delta(b, lines(3))])], { width, height: 500 });
    const stop = await grid.page.locator(".stop-all").boundingBox();
    await grid.play([...s.four.map(([b]) => s.done(b)), s.done("focus")]);
    const unfold = await grid.page.getByRole("button", { name: "視点を開く" }).boundingBox();
    assert.ok(unfold.y >= stop.y + stop.height || unfold.x >= stop.x + stop.width || unfold.x + unfold.width <= stop.x, JSON.stringify([stop, unfold]));
    assert.ok(unfold.x + unfold.width <= width, String(width));
    const wide = await grid.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false);
    await grid.page.keyboard.press("End");
    const last = grid.page.locator(".chip").last();
    await last.click();
    assert.equal(await grid.focused(), "time");
    await grid.page.screenshot({ path: `out/sections-${width}.png` });
  }
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

test("panes are as high as their texts, and start at their beginning", async () => {
  const grid = await gridWith([s.started(s.four), ...s.four.map(([b]) => s.start(b)), s.delta("depth", lines(80)), s.delta("time", lines(40))]);
  const boxed = () =>
    grid.page.locator(".pane, .pane .body").evaluateAll((all) => all.filter((e) => e.scrollHeight > e.clientHeight + 1).length);
  assert.equal(await boxed(), 0, "no scroller in a scroller");
  await grid.play([s.done("depth"), s.done("time")]);
  assert.deepEqual([await boxed(), (await scroll(grid)).top], [0, 0]);
  assert.ok((await topOf(grid.body("depth").locator("p").first())) < 200, "the first line is in sight");
  assert.ok((await scroll(grid)).end > 1000);
});

test("the page follows its end for a reader who went there, and only then", async () => {
  const grid = await gridWith([s.started(s.four), s.start("time"), s.delta("time", lines(60))]);
  assert.equal((await scroll(grid)).top, 0, "nobody is dragged along");
  await scrollTo(grid, 1e6);
  await grid.play([s.delta("time", lines(30, 60))]);
  const followed = await scroll(grid);
  assert.ok(followed.end - followed.top < 2, JSON.stringify(followed));
  await grid.page.setViewportSize({ width: 700, height: 500 });
  await grid.page.waitForFunction(() => innerWidth === 700 && innerHeight === 500);
  await grid.play([s.delta("time", lines(5, 90))]);
  // The page hears of its new size a moment later.
  let resized = await scroll(grid);
  for (const end = Date.now() + 5000; resized.end - resized.top >= 2 && Date.now() < end; resized = await scroll(grid)) {
    await grid.page.waitForTimeout(20);
  }
  assert.ok(resized.end - resized.top < 2, "a change of size keeps the end");
  await scrollTo(grid, resized.top - 5);
  await grid.play([s.delta("time", lines(5, 95))]);
  assert.equal((await scroll(grid)).top, resized.top - 5, "the smallest move up lets go of it");
});

for (const width of [470, 1100]) {
  test(`what is read stays in its place while sections above it grow, at ${width} px`, async () => {
    const grid = await gridWith([s.started(s.five), ...s.five.map(([b]) => s.start(b)), s.delta("depth", lines(30)), s.delta("time", lines(60))], { width });
    const read = grid.body("time").getByText("行 20", { exact: true });
    await read.evaluate((line) => scrollTo(0, line.getBoundingClientRect().top + document.scrollingElement.scrollTop - 300));
    await grid.page.waitForTimeout(50);
    const before = await topOf(read);
    assert.ok(Math.abs(before - 300) < 2, `${before}`);
    const still = async (what) => assert.ok(Math.abs((await topOf(read)) - before) < 2, `${what}: ${await topOf(read)}`);
    await grid.play([s.delta("focus", lines(40)), s.delta("depth", lines(50, 30)), s.delta("breadth", lines(10))]);
    await still("text above");
    await grid.play([{ event: "section_added", section: { branch: "depth-2", title: "なぜ", role: "follow_up" }, after: "depth" }, s.start("depth-2"), s.delta("depth-2", lines(12))]);
    await still("a follow-up above");
    await grid.play([s.done("depth"), s.failed("structure", "駄目でした。"), s.done("focus")]);
    await still("ends");
    await grid.page.setViewportSize({ width: width - 60, height: 700 });
    await grid.page.waitForTimeout(100);
    await grid.play([s.delta("depth-2", lines(5, 12))]);
    const { y } = await read.boundingBox();
    assert.ok(y > -60 && y < 700, `a change of size keeps it in sight: ${y}`);
  });
}

test("a reader with the keyboard or a selection in a view is held there from the first screen on", async () => {
  const grid = await gridWith([s.started(s.five), ...s.five.map(([b]) => s.start(b)), s.delta("depth", lines(40))]);
  await grid.body("depth").focus();
  const line = grid.body("depth").getByText("行 0", { exact: true });
  const before = await topOf(line);
  await grid.play([s.delta("focus", lines(30))]);
  assert.ok(Math.abs((await topOf(line)) - before) < 2);
  await grid.page.evaluate(() => document.activeElement.blur());
  await line.evaluate((p) => getSelection().selectAllChildren(p));
  await grid.play([s.delta("focus", lines(10, 30))]);
  assert.ok(Math.abs((await topOf(line)) - before) < 2);
});

test("a page that was hidden comes back where its reader was", async () => {
  const events = [s.started(s.four), s.start("depth"), s.start("time"), s.delta("depth", lines(60)), s.delta("time", lines(60))];
  const left = await gridWith(events);
  await scrollTo(left, 150);
  await left.page.waitForFunction(() => window.kept?.page === 150);
  const kept = await left.page.evaluate(() => window.kept);
  assert.deepEqual(kept, { id: "r1", title: "会議が長い", page: 150 });
  const run = fold(empty, s.stamp(events).map(readEvent));
  const back = await gridWith([], { kept, run });
  assert.equal((await scroll(back)).top, 150);
  const other = await gridWith([], { kept: { ...kept, id: "r2" }, run });
  assert.equal((await scroll(other)).top, 0, "another run begins at its beginning");
});

test("one pane is shown alone, over all of the page, and all again where they were", async () => {
  const grid = await gridWith([s.started(s.four), ...s.four.flatMap(([b]) => [s.start(b), s.delta(b, lines(20)), s.done(b)])]);
  await scrollTo(grid, 200);
  await grid.page.getByRole("button", { name: "構造だけを表示" }).click();
  assert.deepEqual(await texts(grid, ".title >> visible=true"), ["構造"]);
  assert.ok((await grid.pane("structure").boundingBox()).width > 1000);
  assert.equal(await grid.focused(), "structure");
  await grid.play([s.start("depth"), s.delta("depth", lines(5)), s.done("depth")]);
  assert.deepEqual(await texts(grid, ".title >> visible=true"), ["構造"]);
  await grid.page.waitForFunction(() => window.kept?.alone === "structure" && window.kept.page === 200);
  await grid.page.evaluate(() => {
    window.heard = [];
    window.addEventListener("keydown", ({ key }) => window.heard.push(key));
  });
  await grid.page.keyboard.press("Escape");
  assert.equal(await grid.page.locator(".title >> visible=true").count(), 4);
  assert.deepEqual(await grid.page.evaluate(() => window.heard), [], "Escape is no key of the editor's then");
  await grid.pane("depth").locator(".title").dblclick();
  assert.deepEqual(await texts(grid, ".title >> visible=true"), ["深さ"]);
  await grid.page.keyboard.press("4");
  assert.deepEqual(await texts(grid, ".title >> visible=true"), ["時間"]);
  await grid.page.getByRole("button", { name: "すべての節を表示" }).click();
  assert.equal(await grid.page.locator(".title >> visible=true").count(), 4);
});

test("code scrolls sideways, tables break no words, formulas are shown as they are written", async () => {
  const code = `\`\`\`text\n${"長い行 long line ".repeat(30)}\n短い\n\`\`\``;
  const table = "|hypothesis|implementation|responsibility|verification|\n|-|-|-|-|\n|internationalization|counterintuitive|straightforwardness|misunderstanding|";
  const math = "$E = mc^2$ と $$\\sum_{i=1}^n a_i$$ と \\(x_1\\)。値段は $5 と $10。";
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", [code, table, math].join("\n\n")), s.done("depth")], { width: 400 });
  const pre = grid.body("depth").locator("pre");
  const { over, lines: high, tab } = await pre.evaluate((e) => ({ over: e.scrollWidth - e.clientWidth, lines: e.clientHeight, tab: e.tabIndex }));
  assert.ok(over > 500 && high < 90 && tab === 0, JSON.stringify({ over, high, tab }));
  assert.equal(await grid.page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
  const heights = await grid.body("depth").locator("td").evaluateAll((all) => all.map((cell) => cell.getClientRects()[0].height));
  assert.ok(heights.every((height) => height < 40), `one line each: ${heights}`);
  assert.deepEqual(await texts(grid, ".math"), ["$E = mc^2$", "$$\\sum_{i=1}^n a_i$$", "\\(x_1\\)"]);
  await pre.focus();
  await grid.page.keyboard.press("ArrowRight");
  await grid.page.waitForFunction(() => document.querySelector(".answer pre").scrollLeft > 0);
  await grid.said();
  await grid.page.keyboard.press("c");
  await pre.hover();
  await grid.pane("depth").locator(".copy-code").click();
  const said = await grid.said();
  assert.deepEqual(said.map(({ type }) => type), ["copy_code", "copy_code"]);
  assert.match(said[0].code, /^長い行[^]*短い\n$/);
});

test("an answer's own lines are told with what they cost, and the run with what all came to", async () => {
  const total = { requests: 5, prompt_tokens: 5500, cached_tokens: 0, completion_tokens: 1600, reasoning_tokens: 12, cost: 0.0247, elapsed_ms: 9100 };
  const grid = await gridWith([s.started(s.four), ...s.four.flatMap(([b]) => [s.start(b), s.delta(b, "x"), s.done(b, { cost: 0.00605 })])]);
  assert.equal(await grid.page.locator(".total").isVisible(), false);
  await grid.play([{ ...s.ended(), total }]);
  assert.equal(await grid.pane("depth").locator(".facts").innerText(), "llama3.2:3b · 1,100（うち 800 は再利用） → 320 トークン · 4.1 秒 · $0.0061");
  assert.equal(await grid.page.locator(".total").innerText(), "Σ リクエスト 5 件 · 5,500 → 1,600 トークン（うち 12 は推論） · 9.1 秒 · $0.0247");
  await grid.play([s.start("time")]);
  assert.equal(await grid.page.locator(".total").isVisible(), false, "it is not the sum any more");
});

test("what stopped all answers is told once, with a button for each next step", async () => {
  const message = "api.openai.com がキーを受け付けませんでした(401)。";
  const failure = { kind: "unauthorized", message };
  const grid = await gridWith([s.started(s.four), ...s.four.flatMap(([b]) => [s.start(b), s.failed(b, message, { failure })]), s.ended("partial")]);
  const text = await grid.page.locator("body").innerText();
  assert.equal(text.split(message).length, 2, "once");
  await grid.said();
  for (const name of ["API キーを設定…", "尋ねる相手を選ぶ…", "失敗した節をやり直す"]) {
    await grid.page.getByRole("button", { name, exact: true }).click();
  }
  assert.deepEqual((await grid.said()).map(({ deed }) => deed), ["set_key", "choose_who", "retry_failed"]);
  await grid.play(s.four.flatMap(([b]) => [s.start(b), s.delta(b, "答え"), s.done(b)]));
  assert.equal(await grid.page.locator(".trouble").isVisible(), false);
  await grid.play([s.start("time"), s.failed("time", "遅すぎます。", { failure: { kind: "timeout", message: "遅すぎます。" } })]);
  assert.equal(await grid.page.locator(".trouble").isVisible(), false, "its own button is enough for one");
  assert.match(await grid.pane("time").innerText(), /遅すぎます。/);
});

test("a wait for another attempt counts down", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.retrying("depth", "混んでいます。", 20_700)]);
  const state = grid.pane("depth").locator(".state");
  const left = async () => Number(/^(\d+) 秒後にもう一度送ります（2 回目）$/.exec(await state.innerText())[1]);
  const first = await left();
  assert.ok(first <= 21 && first > 0, `${first} s`);
  await grid.page.waitForFunction((first) => Number.parseInt(document.querySelector('[data-branch="depth"] .state').innerText, 10) < first, first);
  await grid.play([s.start("depth")]);
  await grid.page.waitForTimeout(400);
  assert.equal(await state.innerText(), "答えを待っています");
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
  const stopped = ["img-src", "frame-src", "connect-src"];
  await grid.page.waitForFunction((stopped) => stopped.every((d) => window.violations.includes(d)), stopped);
  assert.equal(await grid.page.evaluate(() => window.ran), undefined);
  assert.deepEqual(grid.requests.filter((url) => !url.startsWith("/")), []);
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
  // Far above what a slow machine takes; work that grows with the square of the text is above it.
  assert.ok(took < 60_000, `${took} ms`);
  assert.ok(longest < 5_000, `${longest} ms`);
});

test("a head has room for its title and its state, in two narrow columns too", async () => {
  const sections = [["a", "Misreadings"], ["b", "Assumptions"], ["c", "読み違い"], ["d", "Time"]];
  const grid = await gridWith([s.started(sections, "en"), ...sections.flatMap(([b]) => [s.start(b), s.delta(b, "x"), s.done(b)])], { width: 770, language: "en" });
  const cut = await grid.page.locator(".title, .state").evaluateAll((all) => all.filter((e) => e.clientWidth > 2 && e.scrollWidth > e.clientWidth).map((e) => e.innerText));
  assert.deepEqual(cut, []);
  assert.equal(await grid.pane("a").locator(".state").innerText(), "Complete", "a screen reader is told");
  const wide = await gridWith([s.started(sections, "en"), s.start("a"), s.delta("a", "x"), s.done("a")], { width: 1100, language: "en" });
  assert.ok((await wide.pane("a").locator(".state").boundingBox()).width > 30, "with room, so is who looks");
});

test("where no model was asked, a button chooses who answers", async () => {
  const answered = s.four.flatMap(([b]) => [s.start(b, ""), s.delta(b, "- 問い"), s.done(b, { usage: null })]);
  const grid = await gridWith([{ ...s.started(s.four), without_model: true }, ...answered]);
  await grid.said();
  await grid.page.getByRole("button", { name: "尋ねる相手を選ぶ…", exact: true }).click();
  assert.deepEqual((await grid.said()).map(({ deed }) => deed), ["choose_who"]);
  const unnamed = await gridWith([s.started(s.four), ...answered]);
  assert.equal(await unnamed.page.getByRole("button", { name: "尋ねる相手を選ぶ…" }).isVisible(), false, "a model whose name is not known");
});
