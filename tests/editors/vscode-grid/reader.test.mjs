// The page in a real browser: keyboard, screen reader, themes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test from "node:test";
import * as s from "./script.mjs";
import { gridWith, lines, texts } from "./setup.mjs";
import { hostile, showcase } from "./texts.mjs";

test("keys go to panes, scroll line by line, stop and ask again", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.start("breadth"), s.delta("breadth", lines(80)), s.start("time"), s.failed("time", "x")]);
  await grid.said();
  const press = async (key) => {
    await grid.page.keyboard.press(key);
    return grid.focused();
  };
  const scrolled = (how) => grid.page.waitForFunction((how) => (how === "top" ? scrollY === 0 : scrollY > 0 && scrollY < 100), how);
  await press("ArrowDown");
  await scrolled("a line");
  await press("Home");
  await scrolled("top");
  assert.equal(await press("2"), "breadth");
  assert.equal(await press("ArrowLeft"), "depth");
  assert.equal(await press("ArrowRight"), "breadth");
  assert.equal(await press("ArrowRight"), "breadth");
  await press("ArrowDown");
  await scrolled("a line");
  assert.equal(await press("9"), "breadth");
  assert.equal(await press("4"), "time");
  await press("s");
  await press("Enter");
  await press("r");
  assert.deepEqual(await grid.said(), [{ type: "retry", branch: "time" }], "a press waits for its effect");
  await press("1");
  await press("r");
  await press("Delete");
  await press("Control+s");
  assert.deepEqual(await grid.said(), [{ type: "stop", branch: "depth" }]);
  await grid.play([s.start("time"), s.delta("time", "x"), s.done("time")]);
  await press("4");
  await press("Enter");
  assert.deepEqual(await grid.said(), [], "Enter does not throw a complete answer away");
  assert.equal(await grid.page.locator(".pane >> visible=true").count(), 1, "it shows the pane alone");
  await press("Enter");
  assert.equal(await grid.page.locator(".pane >> visible=true").count(), 4);
  await press("R");
  await press("c");
  assert.deepEqual(await grid.said(), [{ type: "retry", branch: "time" }, { type: "copy", branch: "time" }]);
});

test("all of one answer is selected, and nothing around it", async () => {
  const grid = await gridWith([s.started(s.four), ...s.four.flatMap(([b, title]) => [s.start(b), s.delta(b, `${title}の答え`), s.done(b)])]);
  await grid.body("breadth").focus();
  await grid.page.keyboard.press("Control+a");
  assert.equal((await grid.page.evaluate(() => getSelection().toString())).trim(), "広さの答え");
});

test("Tab goes through the page in reading order, the focus is visible", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.start("breadth"), s.failed("structure", "x")]);
  const stops = [];
  for (let i = 0; i < 22; i += 1) {
    await grid.page.keyboard.press("Tab");
    stops.push(await grid.page.evaluate(() => {
      const at = document.activeElement;
      const ring = at.classList.contains("body") ? getComputedStyle(at.closest(".pane"), "::after").borderTopWidth : getComputedStyle(at).outlineWidth;
      return `${at.getAttribute("aria-label") ?? at.innerText} ${ring}`;
    }));
  }
  assert.deepEqual(stops, [
    "すべて停止 2px", "答えをすべてコピー 2px", "Markdown として保存… 2px", "テキストで開く 2px", "プレビューで開く 2px",
    "深さ: 答えを待っています 2px", "広さ: 答えを待っています 2px", "構造: 失敗しました 2px", "時間: 順番を待っています 2px",
    "深さを停止 2px", "深さだけを表示 2px", "深さの答え 2px",
    "広さを停止 2px", "広さだけを表示 2px", "広さの答え 2px",
    "構造をやり直す 2px", "構造だけを表示 2px", "構造のその他の操作 2px", "構造の答え 2px",
    "時間を停止 2px", "時間だけを表示 2px", "時間の答え 2px",
  ]);
});

test("buttons say which pane they mean, and stop all means all", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.failed("time", "x")]);
  await grid.said();
  await grid.page.getByRole("button", { name: "深さを停止" }).click();
  await grid.page.getByRole("button", { name: "時間をやり直す" }).click();
  await grid.page.getByRole("button", { name: "すべて停止" }).click();
  assert.deepEqual(await grid.said(), [{ type: "stop", branch: "depth" }, { type: "retry", branch: "time" }, { type: "stop" }]);
  await grid.play([...["depth", "breadth", "structure"].map(s.cancelled), s.ended("cancelled")]);
  assert.equal(await grid.page.locator(".stop-all").isVisible(), false);
  assert.equal(await grid.focused(), "depth", "the focus is not lost with the button");
});

test("a screen reader finds names, and hears states but not tokens", async () => {
  const grid = await gridWith([s.started(s.four)], { language: "en", title: "Long meetings" });
  const heard = await grid.page.evaluateHandle(() => {
    const list = [];
    new MutationObserver(() => list.push(document.querySelector("[aria-live]").textContent)).observe(document.querySelector("[aria-live]"), { childList: true });
    return list;
  });
  await grid.play([s.start("depth"), s.delta("depth", "a")]);
  for (let i = 0; i < 18; i += 1) {
    await grid.play([s.delta("depth", "b ")]);
  }
  // What is to be said is gathered for a moment.
  await grid.page.waitForFunction((list) => list.length === 1, heard);
  await grid.play([s.done("depth"), ...["breadth", "structure", "time"].map((b) => s.failed(b, "No answer."))]);
  await grid.page.waitForFunction((list) => list.length === 2, heard);
  assert.deepEqual(await heard.jsonValue(), [
    "深さ: writing",
    "深さ: Complete\n広さ: No answer.\n構造: No answer.\n時間: No answer.\nAll sections have finished",
  ]);
  const live = await grid.page.locator("[aria-live]").evaluateAll((all) => all.map((e) => [e.className, e.ariaLive]));
  assert.deepEqual(live, [["said", "polite"]], "nothing but the states is live");
  const tree = await grid.page.locator("body").ariaSnapshot();
  for (const part of ['heading "Long meetings" [level=1]', 'main "Answers by perspective"', 'region "深さ"', 'heading "深さ" [level=2]', 'group "Answer: 深さ"', 'button "Retry 深さ"', "- status"]) {
    assert.ok(tree.includes(part), `${part} in\n${tree}`);
  }
});

test("a restored page is quiet", async () => {
  const grid = await gridWith(showcase);
  await grid.page.waitForTimeout(600);
  assert.equal(await grid.page.locator("[aria-live]").textContent(), "");
});

for (const theme of ["light", "dark", "high-contrast", "high-contrast-light"]) {
  test(`no accessibility rule is broken: ${theme}`, async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const grid = await gridWith(showcase, { theme });
    await grid.page.evaluate(axe);
    const { violations } = await grid.page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((n) => `${n.html} ${n.any[0]?.message}`)]), []);
    await grid.page.screenshot({ path: new URL(`out/${theme}.png`, import.meta.url).pathname });
  });
}

test("what a reader sees in other places", async () => {
  const shot = (grid, name) => grid.page.screenshot({ path: new URL(`out/${name}.png`, import.meta.url).pathname });
  const narrow = await gridWith(showcase, { width: 380, height: 900, theme: "dark" });
  await narrow.page.keyboard.press("2");
  await shot(narrow, "narrow");
  const five = await gridWith(
    [
      s.started([...s.four, ["synthesis", "Synthesis"]], "en"),
      s.start("depth"),
      s.delta("depth", hostile),
      s.start("breadth"),
      s.retrying("breadth", "The server is busy (429).", 900_000),
      s.start("structure"),
      s.delta("structure", lines(40)),
      s.failed("structure", "The answer stopped at the token limit of 4096.", { outcome: "length" }),
      s.start("time"),
      s.delta("time", "T1. Before"),
      s.cancelled("time"),
    ],
    { language: "en", title: "Long meetings", height: 1000 },
  );
  await five.page.keyboard.press("4");
  await five.page.waitForTimeout(150);
  await shot(five, "five");
  const states = (await texts(five, ".state")).map((state) => state.replace(/^Retrying in \d+ s/, "Retrying in N s"));
  assert.deepEqual(states, [
    `Writing · ${[...hostile].length} characters`,
    "Retrying in N s (attempt 2)",
    "Incomplete",
    "Stopped",
    "Queued",
  ]);
  assert.deepEqual(await texts(five, ".reason >> visible=true"), ["The server is busy (429).", "The answer stopped at the token limit of 4096."]);
});

test("nothing moves for a reader who asked for that", async () => {
  const moving = (grid) => grid.page.evaluate(() => document.getAnimations().length);
  assert.ok((await moving(await gridWith(showcase))) > 0);
  assert.equal(await moving(await gridWith(showcase, { reducedMotion: "reduce" })), 0);
});

for (const theme of ["light", "high-contrast"]) {
  test(`no accessibility rule is broken with marks, what stopped answers and a pane alone: ${theme}`, async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const failure = { kind: "unauthorized", message: "キーがありません。" };
    const grid = await gridWith(
      [
        s.started(s.four),
        s.start("depth"),
        s.delta("depth", "- 一つ目は*大事*だ\n- 二つ目\n\n```\n長い行".concat(" long".repeat(60), "\n```\n")),
        s.done("depth"),
        { event: "marked", branch: "depth", item: { line: 1, text: "- 二つ目" }, mark: "drop" },
        ...["breadth", "structure", "time"].map((branch) => s.failed(branch, "", { failure })),
        s.ended("partial"),
      ],
      { theme, width: 550 },
    );
    await grid.body("depth").locator("li").first().click({ clickCount: 3 });
    const check = async () => {
      const { violations } = await grid.page.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((n) => `${n.html} ${n.any[0]?.message}`)]), []);
    };
    await grid.page.evaluate(axe);
    await check();
    await grid.page.screenshot({ path: new URL(`out/marks-${theme}.png`, import.meta.url).pathname });
    await grid.page.keyboard.press("1");
    await grid.page.keyboard.press("Enter");
    await check();
  });
}

test("kanji are not slanted: dots above say what slanted letters say", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", "これは*大事*だ。"), s.done("depth")]);
  const style = (grid) => grid.body("depth").locator("em").evaluate((em) => [getComputedStyle(em).fontStyle, getComputedStyle(em).textEmphasisStyle]);
  assert.deepEqual(await style(grid), ["normal", "sesame"]);
  const en = await gridWith([s.started(s.four, "en"), s.start("depth"), s.delta("depth", "This *matters*."), s.done("depth")]);
  assert.deepEqual(await style(en), ["italic", "none"]);
});

test("a small window, or one at 200 %, has no scroller but the page's own", async () => {
  for (const width of [360, 550]) {
    const grid = await gridWith([...showcase, s.delta("breadth", lines(60))], { width, height: 400 });
    const inner = await grid.page.locator("main *").evaluateAll((all) => all.filter((e) => e.scrollHeight > e.clientHeight + 2 && /auto|scroll/.test(getComputedStyle(e).overflowY)).length);
    const wide = await grid.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.deepEqual([inner, wide], [0, false], `${width} px`);
  }
});
