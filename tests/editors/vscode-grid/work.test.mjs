// Work in a pane: a question that is typed, with an input method too, and a closer look at lines that are selected.

import assert from "node:assert/strict";
import test from "node:test";
import * as s from "./script.mjs";
import { gridWith, lines, texts } from "./setup.mjs";

const story = (branch, text = `${branch}!`) => [s.start(branch), s.delta(branch, text), s.done(branch)];
const whole = (depth) => [s.started(s.four), ...s.four.flatMap(([branch]) => story(branch, branch === "depth" ? depth : undefined))];
const added = { event: "section_added", section: { branch: "depth-2", title: "なぜ今なのですか", role: "follow_up" }, after: "depth" };

test("a question is typed in a pane and sent by Enter; it stays until its section is there", async () => {
  const grid = await gridWith(whole("締め切りは金曜です。"));
  await grid.said();
  await grid.pane("depth").locator("button.ask").click();
  const field = grid.pane("depth").locator("textarea");
  assert.equal(await field.evaluate((f) => f === document.activeElement), true);
  assert.match(await field.getAttribute("placeholder"), /深さ/);
  await field.pressSequentially("なぜ今");
  await grid.page.keyboard.press("Shift+Enter");
  await field.pressSequentially("なのですか");
  // These are keys of the page elsewhere.
  await field.pressSequentially("1rsfa");
  for (let back = 0; back < 5; back += 1) {
    await grid.page.keyboard.press("Backspace");
  }
  assert.deepEqual(await grid.said(), [{ type: "draft", has: true }]);
  await grid.page.keyboard.press("Enter");
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await grid.said(), [{ type: "ask", branch: "depth", question: "なぜ今\nなのですか" }]);
  assert.equal(await field.inputValue(), "なぜ今\nなのですか");
  await grid.play([added]);
  assert.deepEqual(await grid.said(), [{ type: "draft", has: false }]);
  assert.equal(await field.isVisible(), false);
  assert.equal(await grid.focused(), "depth-2");
  assert.equal(await grid.pane("depth-2").locator(".from").innerText(), "↳ 深さ");
  await grid.pane("depth").locator("button.ask").click();
  assert.equal(await field.inputValue(), "");
});

test("the Enter that ends a composition sends nothing", async () => {
  const grid = await gridWith(whole("x"));
  await grid.pane("depth").locator("button.ask").click();
  const field = grid.pane("depth").locator("textarea");
  await grid.said();
  const input = await grid.page.context().newCDPSession(grid.page);
  await input.send("Input.imeSetComposition", { text: "なぜ", selectionStart: 2, selectionEnd: 2 });
  await grid.said();
  await input.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 });
  assert.deepEqual(await grid.said(), []);
  await input.send("Input.insertText", { text: "なぜ" });
  await grid.said();
  // Safari's last Enter is no part of the composition any more, and has the code of a key that an input method took.
  const odd = (init) => field.evaluate((f, init) => f.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...init })), init);
  await odd({ keyCode: 229 });
  await odd({ keyCode: 13, isComposing: true });
  assert.deepEqual(await grid.said(), []);
  assert.equal(await field.inputValue(), "なぜ");
  await odd({ keyCode: 13 });
  assert.deepEqual(await grid.said(), [{ type: "ask", branch: "depth", question: "なぜ" }]);
});

test("Escape closes the field, keeps what is typed, and is no key of the editor's", async () => {
  const grid = await gridWith(whole("x"));
  await grid.page.evaluate(() => {
    window.heard = [];
    window.addEventListener("keydown", ({ key }) => window.heard.push(key));
  });
  await grid.page.keyboard.press("1");
  await grid.page.keyboard.press("a");
  const field = grid.pane("depth").locator("textarea");
  await field.pressSequentially("途中");
  await grid.page.keyboard.press("Escape");
  assert.equal(await field.isVisible(), false);
  assert.equal(await grid.focused(), "depth");
  assert.deepEqual(await grid.page.evaluate(() => window.heard), ["1", "a"]);
  await grid.page.keyboard.press("a");
  assert.equal(await field.inputValue(), "途中");
  // A section that came for another reason takes no question away.
  await grid.play([added]);
  assert.equal(await field.inputValue(), "途中");
});

test("a question that has no section yet can be sent once more after a time: it may have been refused", async () => {
  const grid = await gridWith(whole("x"));
  await grid.pane("depth").locator("button.ask").click();
  await grid.pane("depth").locator("textarea").pressSequentially("なぜ");
  await grid.said();
  const question = { type: "ask", branch: "depth", question: "なぜ" };
  await grid.page.keyboard.press("Enter");
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await grid.said(), [question]);
  await grid.page.waitForTimeout(2_100);
  await grid.page.keyboard.press("Enter");
  assert.deepEqual(await grid.said(), [question]);
});

test("in the field, the key that selects all selects the question", async () => {
  const grid = await gridWith(whole("答え"));
  await grid.pane("depth").locator("button.ask").click();
  const field = grid.pane("depth").locator("textarea");
  await field.pressSequentially("なぜ");
  await grid.page.keyboard.press("Control+a");
  assert.deepEqual(await field.evaluate((f) => [f.selectionStart, f.selectionEnd]), [0, 2]);
  await grid.page.keyboard.press("x");
  assert.equal(await field.inputValue(), "x");
});

test("what is being typed is there again when a hidden page comes back, and the editor is told", async () => {
  const grid = await gridWith([...whole("x"), added, ...story("depth-2")]);
  for (const branch of ["time", "depth-2"]) {
    await grid.pane(branch).locator("button.ask").click();
    await grid.pane(branch).locator("textarea").pressSequentially(`途中 ${branch}`);
  }
  await grid.pane("time").locator("textarea").press("Escape");
  await grid.page.waitForFunction(() => window.kept.drafts?.time?.open === false);
  const kept = await grid.page.evaluate(() => window.kept);
  const again = await gridWith([...whole("x"), added, ...story("depth-2")], { kept });
  const field = (branch) => again.pane(branch).locator("textarea");
  assert.deepEqual([await field("time").isVisible(), await field("depth-2").isVisible()], [false, true]);
  assert.deepEqual([await field("time").inputValue(), await field("depth-2").inputValue()], ["途中 time", "途中 depth-2"]);
  assert.deepEqual((await again.said()).filter(({ type }) => type === "draft"), [{ type: "draft", has: true }]);
  await again.pane("time").locator("button.ask").click();
  await field("time").fill("");
  await field("depth-2").fill("");
  assert.deepEqual(await again.said(), [{ type: "draft", has: false }]);
  await again.page.waitForFunction(() => window.kept.drafts === undefined);
});

test("a section that is not over, or has no text, is not asked about", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), s.delta("depth", "x"), s.failed("time", "no"), ...story("breadth")]);
  const shown = async (branch) => grid.pane(branch).locator("button.ask").isVisible();
  assert.deepEqual(await Promise.all(["depth", "breadth", "time"].map(shown)), [false, true, false]);
  const told = (branch) => grid.pane(branch).evaluate((pane) => JSON.parse(pane.dataset.vscodeContext));
  assert.deepEqual(await told("depth"), { branch: "depth", kaizodoAnswered: false, kaizodoOver: false, kaizodoSelected: false, preventDefaultContextMenuItems: true });
  assert.deepEqual(await told("time"), { branch: "time", kaizodoAnswered: false, kaizodoOver: true, kaizodoSelected: false, preventDefaultContextMenuItems: true });
  await grid.page.keyboard.press("1");
  await grid.page.keyboard.press("a");
  assert.equal(await grid.page.locator("textarea:visible").count(), 0);
});

const ANSWER = ["最初の段落。", "二行目。", "", "- 一つ目", "- 二つ目", "  - その下", "- 三つ目", "", "```", "code", "```", "", "| a | b |", "|-|-|", "| セル | d |", "", "最後。"].join("\n");

test("what is selected is offered for a closer look, by its lines in the raw answer", async () => {
  const grid = await gridWith(whole(ANSWER));
  await grid.said();
  const closer = grid.pane("depth").locator("button.closer");
  const chosen = async (from, to) => {
    await select(grid, from, to);
    await closer.click();
    const [{ first, last, ...rest }] = await grid.said();
    assert.deepEqual(rest, { type: "look_closer", branch: "depth" });
    return [first, last];
  };
  assert.deepEqual(await chosen("段落"), [0, 0]);
  assert.deepEqual(await chosen("段落", "二行"), [0, 1]);
  assert.deepEqual(await chosen("二つ目"), [4, 4]);
  assert.deepEqual(await chosen("一つ目", "その下"), [3, 5]);
  assert.deepEqual(await chosen("その下", "三つ目"), [5, 6]);
  assert.deepEqual(await chosen("code"), [8, 10]);
  assert.deepEqual(await chosen("セル"), [14, 14]);
  assert.deepEqual(await chosen("最初", "最後"), [0, 16]);
  await closer.waitFor({ state: "hidden" });
  await select(grid, "二つ目");
  const told = await grid.pane("depth").evaluate((pane) => JSON.parse(pane.dataset.vscodeContext));
  assert.deepEqual([told.kaizodoSelected, told.lines], [true, { first: 4, last: 4 }]);
  await grid.page.screenshot({ path: "out/selected.png" });
  assert.deepEqual(grid.problems, []);
});

test("an item is marked from its selection, the mark stands in the answer and below it, and the section is written anew with it", async () => {
  const grid = await gridWith(whole(ANSWER));
  await grid.said();
  const pane = grid.pane("depth");
  const bar = (name) => pane.getByRole("button", { name, exact: true });
  const select = () => pane.locator(".answer li", { hasText: "三つ目" }).click({ clickCount: 3 });
  await select();
  await bar("残す").click();
  assert.deepEqual(await grid.said(), [{ type: "mark", branch: "depth", line: 6, mark: "keep" }]);
  const item = { line: 6, text: "- 三つ目" };
  await grid.play([{ event: "marked", branch: "depth", item, mark: "keep" }]);
  assert.deepEqual(await pane.locator("[data-mark]").evaluateAll((all) => all.map((e) => [e.dataset.mark, e.innerText])), [["keep", "三つ目"]]);
  assert.deepEqual(await pane.locator(".mark").allInnerTexts(), ["✎ 残す「三つ目」"]);
  await select();
  assert.equal(await bar("残す").getAttribute("aria-pressed"), "true");
  await grid.page.screenshot({ path: "out/marked.png" });
  await bar("残す").click();
  await grid.play([{ event: "marked", branch: "depth", item, mark: "comment", comment: "なぜ三つ?" }]);
  await select();
  await bar("コメント…").click();
  await grid.page.getByRole("button", { name: "印に合わせて書き直す: 深さ" }).click();
  assert.deepEqual(await grid.said(), [
    { type: "mark", branch: "depth", line: 6 },
    { type: "comment", branch: "depth", line: 6, comment: "なぜ三つ?" },
    { type: "retry", branch: "depth", marks: true },
  ]);
  await grid.play([s.start("depth"), s.delta("depth", "新しい答え"), s.done("depth")]);
  assert.deepEqual([await pane.locator("[data-mark]").count(), await pane.locator(".mark").count()], [0, 0]);
  assert.deepEqual(grid.problems, []);
});

/** Resolves when the page has heard of the selection, which is a frame later where the machine is slow. */
const select = (grid, from, to = from) =>
  grid.body("depth").evaluate((body, [from, to]) => {
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (text.data.includes(from)) {
        range.setStart(text, text.data.indexOf(from));
      }
      if (text.data.includes(to)) {
        range.setEnd(text, text.data.indexOf(to) + to.length);
      }
    }
    const heard = new Promise((resolve) => document.addEventListener("selectionchange", resolve, { once: true }));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    return heard;
  }, [from, to]);

test("an item is the one of the line that is selected, also where Markdown knows no list", async () => {
  const answer = ["・一つ目", "・**二つ**目", "・三つ目", "", "- 項目", "  続き", "", "- 次", "", "1. 番号", "", "文", "2. 続く番号", ""].join("\n");
  const grid = await gridWith(whole(answer));
  await grid.said();
  const marked = async (from, to) => {
    await select(grid, from, to);
    await grid.pane("depth").getByRole("button", { name: "残す", exact: true }).click();
    const [{ line, ...rest }] = await grid.said();
    assert.deepEqual(rest, { type: "mark", branch: "depth", mark: "keep" });
    return line;
  };
  assert.deepEqual([await marked("一つ目"), await marked("二つ"), await marked("三つ目"), await marked("二つ", "三つ目")], [0, 1, 2, 1]);
  assert.deepEqual([await marked("項目"), await marked("続き"), await marked("次"), await marked("続く番号")], [4, 5, 7, 12]);
  // A press three times selects until the beginning of what follows.
  const end = await grid.body("depth").evaluate((body) => {
    const [line, next] = [...body.querySelector("p").childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
    getSelection().setBaseAndExtent(line, 0, next, 0);
    return next.data;
  });
  assert.match(end, /・/);
  await grid.pane("depth").locator("button.closer").click();
  assert.deepEqual(await grid.said(), [{ type: "look_closer", branch: "depth", first: 0, last: 0 }]);
});

test("the mark of a table or a quote is found from each of its lines, however long it is", async () => {
  const rows = Array.from({ length: 20 }, (_, n) => `| 行${n} | ${"長い".repeat(8)} |`);
  const table = ["| a | b |", "|-|-|", ...rows].join("\n");
  const quote = "> 引用の一\n>\n> 引用の二";
  const grid = await gridWith(whole(`${table}\n\n${quote}\n\n最後`));
  const marked = (line, text, comment) => ({ event: "marked", branch: "depth", item: { line, text: text.slice(0, 400) }, mark: "comment", comment });
  await grid.play([marked(0, table, "表について"), marked(23, quote, "引用について")]);
  await grid.said();
  const comment = async (from) => {
    await select(grid, from);
    const button = grid.pane("depth").getByRole("button", { name: "コメント…", exact: true });
    assert.equal(await button.getAttribute("aria-pressed"), String(from !== "最後"));
    await button.click();
    return (await grid.said())[0].comment;
  };
  assert.deepEqual([await comment("行1"), await comment("行19"), await comment("引用の二"), await comment("最後")], ["表について", "表について", "引用について", ""]);
});

test("Escape takes a selection away, and only then is a key of the editor's", async () => {
  const grid = await gridWith([s.started(s.four), ...story("depth", "締め切りは金曜です。"), s.start("time"), s.delta("time", "書きかけ")]);
  await grid.page.evaluate(() => {
    window.heard = [];
    window.addEventListener("keydown", ({ key }) => window.heard.push(key));
  });
  const bar = grid.pane("depth").locator(".bar");
  await select(grid, "締め切り");
  await bar.waitFor();
  await grid.page.keyboard.press("Escape");
  await bar.waitFor({ state: "hidden" });
  assert.deepEqual(await grid.page.evaluate(() => window.heard), []);
  await grid.page.keyboard.press("Escape");
  assert.deepEqual(await grid.page.evaluate(() => window.heard), ["Escape"]);
});

test("lines are counted on over text that grows", async () => {
  const grid = await gridWith([s.started(s.four), s.start("depth"), ...ANSWER.match(/[^]{1,7}/g).map((piece) => s.delta("depth", piece)), s.done("depth")]);
  const found = await grid.body("depth").locator("[data-lines]").evaluateAll((all) => all.map((e) => e.dataset.lines));
  const again = await gridWith([s.started(s.four), ...story("depth", ANSWER)]);
  assert.deepEqual(found, await again.body("depth").locator("[data-lines]").evaluateAll((all) => all.map((e) => e.dataset.lines)));
  assert.equal(found.at(-1), "16-16");
});

test("a follow-up takes a row below its view, and the view behind goes up beside", async () => {
  const grid = await gridWith([...whole(lines(3)), added, ...story("depth-2")], { width: 1100 });
  const place = (branch) => grid.pane(branch).evaluate((pane) => [pane.offsetLeft, pane.offsetTop, pane.offsetWidth]);
  const [depth, breadth, below, structure, time] = await Promise.all(["depth", "breadth", "depth-2", "structure", "time"].map(place));
  assert.equal(depth[1], breadth[1]);
  assert.ok(below[1] > depth[1] && below[2] > 1.9 * depth[2], String([depth, below]));
  assert.ok(structure[1] > below[1] && structure[1] === time[1] && time[2] === depth[2], String([structure, time]));
  assert.deepEqual(await texts(grid, ".title"), ["深さ", "なぜ今なのですか", "広さ", "構造", "時間"]);
  await grid.page.screenshot({ path: "out/follow-up.png" });
});
