// The focus on the page: its place above the views, and the views that fold below it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test from "node:test";
import { empty, fold, readEvent } from "./out/units.mjs";
import * as s from "./script.mjs";
import { gridWith, lines, texts } from "./setup.mjs";
import { answer, views, withFocus } from "./texts.mjs";

const whole = (...more) => withFocus(s.start("focus"), s.delta("focus", answer), s.done("focus"), ...more);
const box = async (grid, branch) => grid.pane(branch).boundingBox();
const folded = (grid) => grid.page.locator(".pane.folded").evaluateAll((all) => all.map((pane) => pane.dataset.branch));
const names = s.four.map(([branch]) => branch);

for (const [columns, width] of [[60, 470], [100, 800]]) {
  test(`the focus has its place from the first frame, over the full width: ${columns} columns`, async () => {
    const grid = await gridWith([s.started(s.five)], { width });
    const first = await box(grid, "focus");
    const below = await box(grid, "depth");
    assert.deepEqual(await texts(grid, ".title"), ["焦点", "深さ", "広さ", "構造", "時間"]);
    assert.ok(below.y > first.y + first.height, "the views stand below");
    assert.ok(first.width > width - 40, `${first.width} px`);
    const still = async (what) => {
      const { y, width } = await box(grid, "depth");
      assert.deepEqual([await box(grid, "focus"), y, width], [first, below.y, below.width], what);
    };
    await grid.play(names.map((branch) => s.start(branch)));
    for (const [ended, [branch, text]] of Object.entries(views).entries()) {
      await grid.play([s.delta(branch, text), s.done(branch)]);
      assert.equal(await grid.pane("focus").locator(".state").innerText(), `視点がそろうのを待っています · ${ended + 1}/4`);
      await still(`${branch} has ended`);
    }
    const pieces = answer.match(/.{1,40}/gs);
    await grid.play([s.start("focus"), ...pieces.slice(0, 1).map((text) => s.delta("focus", text))]);
    await still("its first line is written in its place");
    await grid.play(pieces.slice(1).map((text) => s.delta("focus", text)));
    assert.equal((await box(grid, "focus")).y, first.y);
    await grid.play([s.done("focus"), s.ended()]);
    const { y, height } = await box(grid, "focus");
    assert.ok(y === first.y && height > first.height, "it is as high as its text");
    assert.equal(await grid.body("focus").evaluate((b) => b.scrollHeight - b.clientHeight), 0);
    const wide = await grid.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, "nothing scrolls sideways");
    assert.deepEqual(grid.problems, []);
    assert.deepEqual(await grid.violations(), []);
  });
}

test("the views fold to heading and first line once the focus is complete, and nothing is lost", async () => {
  const grid = await gridWith(whole());
  assert.deepEqual(await folded(grid), names);
  for (const [branch, text] of Object.entries(views)) {
    const { height } = await box(grid, branch);
    assert.ok(height < 110, `${branch}: ${height} px`);
    const seen = await grid.body(branch).innerText();
    assert.equal(seen.trim(), text.split("\n")[0].replaceAll("**", ""));
  }
  await grid.pane("breadth").locator(".title").click();
  assert.deepEqual(await folded(grid), ["depth", "structure", "time"], "a click unfolds one");
  assert.match(await grid.body("breadth").innerText(), /持ち帰りが残れば/);
  const { height } = await box(grid, "breadth");
  assert.ok(height > 110, `${height} px`);
  await grid.body("breadth").click();
  assert.deepEqual(await folded(grid), ["depth", "structure", "time"], "a click in what is open folds nothing");
  await grid.page.getByRole("button", { name: "広さをたたむ" }).click();
  await grid.page.getByRole("button", { name: "視点を開く" }).click();
  assert.deepEqual(await folded(grid), []);
  await grid.page.getByRole("button", { name: "視点をたたむ" }).click();
  assert.deepEqual(await folded(grid), names);
});

test("a list that begins a view shows its first item alone", async () => {
  const items = "- 一つ目\n- 二つ目\n\n終わり\n";
  const grid = await gridWith([
    s.started(s.five),
    ...names.flatMap((branch) => [s.start(branch), s.delta(branch, items), s.done(branch)]),
    s.start("focus"),
    s.delta("focus", "答え"),
    s.done("focus"),
  ]);
  assert.equal((await grid.body("time").innerText()).trim(), "一つ目");
});

test("keys fold and unfold", async () => {
  const grid = await gridWith(whole());
  const press = (key) => grid.page.keyboard.press(key);
  await press("3");
  assert.equal(await grid.focused(), "breadth");
  await press("Enter");
  assert.deepEqual(await folded(grid), ["depth", "structure", "time"]);
  await grid.said();
  await press("Enter");
  assert.deepEqual(await grid.said(), [], "a complete answer is not asked anew by the way");
  await press("f");
  assert.deepEqual(await folded(grid), names);
  await press("1");
  await press("f");
  assert.deepEqual(await folded(grid), [], "all at once from the focus");
  await press("F");
  assert.deepEqual(await folded(grid), names);
});

const written = withFocus(s.start("focus"), s.delta("focus", answer));
const readers = {
  "with the keyboard": (grid) => grid.body("depth").focus(),
  "by a selection": (grid) => grid.body("time").evaluate((b) => getSelection().selectAllChildren(b)),
  "scrolled down to it": (grid) => grid.page.evaluate(() => scrollTo(0, 200)),
};
for (const [how, go] of Object.entries(readers)) {
  test(`the views stay open for a reader who is in one, ${how}`, async () => {
    const long = [s.started(s.five), s.start("structure"), s.delta("structure", lines(40)), ...written.slice(1)];
    const grid = await gridWith(long, { width: 470 });
    await go(grid);
    await grid.page.waitForTimeout(50);
    const text = () => grid.body("structure").locator("p").first().boundingBox();
    const before = await text();
    await grid.play([s.done("focus"), s.ended()]);
    assert.deepEqual(await folded(grid), []);
    assert.ok(Math.abs((await text()).y - before.y) < 2, "nothing moves");
    await grid.page.getByRole("button", { name: "視点をたたむ" }).click();
    assert.deepEqual(await folded(grid), names);
  });
}

test("nothing folds where the setting is off, the focus is not complete, or it was asked anew", async () => {
  const off = await gridWith(whole(), { foldViews: false });
  assert.deepEqual(await folded(off), []);
  const broken = await gridWith([...written, s.failed("focus", "切れました。")]);
  assert.deepEqual(await folded(broken), []);
  await broken.play([s.start("focus"), s.delta("focus", answer), s.done("focus")]);
  assert.deepEqual(await folded(broken), []);
  const asked = await gridWith(withFocus(s.onDemand("focus")));
  await asked.play([s.start("focus"), s.delta("focus", answer), s.done("focus")]);
  assert.deepEqual(await folded(asked), []);
});

test("views that are open stay open when the focus is written anew", async () => {
  const grid = await gridWith(whole());
  await grid.page.keyboard.press("f");
  await grid.play([s.start("focus"), s.delta("focus", "新しい答え"), s.done("focus")]);
  assert.deepEqual(await folded(grid), []);
});

test("a focus that is written anew keeps its place meanwhile", async () => {
  const grid = await gridWith(whole());
  const before = [await box(grid, "focus"), await box(grid, "depth")];
  await grid.play([s.start("focus")]);
  await grid.play([s.delta("focus", "短い")]);
  const [focus, depth] = [await box(grid, "focus"), await box(grid, "depth")];
  assert.deepEqual([focus.y, focus.height, depth.y], [before[0].y, before[0].height, before[1].y]);
  await grid.play([s.done("focus")]);
  assert.ok((await box(grid, "depth")).y < before[1].y, "then it is as high as its text again");
});

test("a focus that is older than a view says so, and a press writes it anew", async () => {
  const grid = await gridWith(whole());
  const call = grid.pane("focus").locator(".call");
  assert.equal(await call.isVisible(), false);
  await grid.play([s.start("time"), s.delta("time", "もっと前から\n"), s.done("time"), s.ended()]);
  assert.equal(await call.locator(".call-text").innerText(), "「時間」の更新がまだ反映されていません。");
  await grid.said();
  await call.getByRole("button", { name: "焦点をやり直す" }).click();
  assert.deepEqual(await grid.said(), [{ type: "retry", branch: "focus" }]);
  await grid.play([s.start("focus")]);
  assert.equal(await call.isVisible(), false);
  assert.match(await grid.body("focus").innerText(), /毎週五十分/, "the earlier one stands until the new one begins");
  assert.equal(await grid.focused(), "focus", "the keyboard stays with it");
  await grid.play([s.delta("focus", "新しい答え"), s.done("focus"), s.start("depth"), s.delta("depth", "a"), s.done("depth")]);
  await grid.said();
  await grid.page.keyboard.press("1");
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await grid.said(), [{ type: "retry", branch: "focus" }], "a key does it, too");
});

test("a focus that is left to the user takes little room, and one press writes it", async () => {
  const grid = await gridWith(withFocus(s.onDemand("focus"), s.ended()), { width: 470 });
  assert.equal(await grid.pane("focus").locator(".state").innerText(), "まだ書いていません");
  const { height } = await box(grid, "focus");
  assert.ok(height < 110, `${height} px`);
  await grid.said();
  await grid.page.keyboard.press("1");
  assert.equal(await grid.focused(), "focus");
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await grid.said(), [{ type: "retry", branch: "focus" }]);
  await grid.play([s.start("focus"), s.delta("focus", "答え")]);
  assert.match(await grid.body("focus").innerText(), /答え/);
});

test("a page that was hidden comes back folded as it was", async () => {
  const grid = await gridWith(whole());
  await grid.pane("depth").locator(".title").click();
  await grid.page.waitForFunction(() => window.kept?.folded?.length === 3);
  const kept = await grid.page.evaluate(() => window.kept);
  const run = fold(empty, s.stamp(whole()).map(readEvent));
  assert.deepEqual(await folded(await gridWith([], { kept, run })), ["breadth", "structure", "time"]);
  assert.deepEqual(await folded(await gridWith([], { run })), names, "one that is opened later is folded at once");
});

test("a screen reader hears of the focus, and finds what is folded", async () => {
  const grid = await gridWith(whole(), { language: "en" });
  const tree = await grid.page.locator("body").ariaSnapshot();
  assert.ok(tree.includes('button "Unfold 深さ"') && tree.includes('button "Unfold the views"'), tree);
  await grid.play([s.start("time"), s.delta("time", "x"), s.done("time")]);
  await grid.page.waitForFunction(() => document.querySelector("[aria-live]").textContent !== "");
  assert.match(await grid.page.locator("[aria-live]").textContent(), /^焦点: Outdated: 時間 changed after this was written\.$/m);
});

for (const theme of ["light", "dark", "high-contrast"]) {
  test(`no accessibility rule is broken with folded views: ${theme}`, async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    const grid = await gridWith([...whole(), s.start("time"), s.delta("time", "x"), s.done("time")], { theme });
    await grid.page.evaluate(axe);
    const { violations } = await grid.page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((n) => `${n.html} ${n.any[0]?.message}`)]), []);
    await grid.page.screenshot({ path: new URL(`out/focus-${theme}.png`, import.meta.url).pathname });
  });
}
