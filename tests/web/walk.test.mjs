// A newcomer's walk: paste, Start, stop one, retry, ask on, reload in the middle, come back later.

import assert from "node:assert/strict";
import test from "node:test";
import { homeOf, isOver, looks, openPage, pane, start, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, views, whole } from "./texts.mjs";

useBrowser();

const text = (page, branch) => pane(page, branch).locator(".answer").innerText();
const held = (name) => ({ [name]: { chunks: pieces(views[name]), delay_ms: 5, held: true } });

test("a newcomer pastes, starts, stops one, retries it, asks on, and finds it again with a new server", async () => {
  const home = await homeOf();
  const context = await windowOf();
  await home.model.plays(whole(held("time")));
  const page = await openPage(home.url, context);

  // Before anything is sent: the places, their names, and who will be asked.
  assert.deepEqual(await page.locator(".pane .title").allInnerTexts(), ["深さ", "広さ", "構造", "時間", "焦点"]);
  assert.equal(await page.locator("#text-label").innerText(), "課題");
  await until("who is asked", async () => /127\.0\.0\.1/.test(await page.locator("#who").innerText()));
  assert.doesNotMatch(page.url(), /token/, "the token has left the address");
  assert.deepEqual(await home.model.log(), []);

  // Paste and Start.
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), task);
  await page.locator("#text").focus();
  await page.keyboard.press("Control+V");
  assert.equal(await page.locator("#text").inputValue(), task);
  await page.locator(".start").click();
  for (const branch of ["depth", "breadth", "structure"]) {
    await looks(page, branch, "done");
  }
  assert.match(await text(page, "depth"), /会議を長くしているのは決定ではない/);
  assert.deepEqual(await page.locator(".pane .title").allInnerTexts(), ["深さ", "広さ", "構造", "時間", "焦点"]);
  assert.match(page.url(), /#run=/);

  // Stop one: the text that has come stays.
  await looks(page, "time", "live");
  await pane(page, "time").locator(".stop").click();
  await looks(page, "time", "stopped");
  assert.match(await text(page, "time"), /十月に人が四人増えて/);
  await until("the connection's end", async () => (await home.model.log()).some((e) => e.event === "closed" && e.perspective === "time"));
  await looks(page, "focus", "done");
  assert.match(await text(page, "focus"), /まだ議題を減らさないほうがいいです/);

  // Retry it: the focus is then older than what has come.
  await home.model.plays(whole());
  await pane(page, "time").locator(".retry").click();
  await looks(page, "time", "done");
  await until("that the focus is old", async () => /「時間」の更新がまだ反映されていません/.test(await pane(page, "focus").innerText()));

  // Ask on: the answer stands below, and the keyboard is there.
  await home.model.plays(whole({ question: { chunks: pieces("- 決める人が十月から別の会議に出ている。\n"), delay_ms: 5 } }));
  await pane(page, "depth").locator(".ask").click();
  await page.keyboard.type("なぜ今になって?");
  await page.keyboard.press("Control+Enter");
  const further = page.locator(".pane.follow_up");
  await until("the further answer", async () => /決める人が十月から/.test(await further.innerText()));
  assert.equal(await further.locator(".title").innerText(), "なぜ今になって?");
  assert.equal(await further.evaluate((e) => e.parentElement.querySelector(".pane").dataset.branch), "depth");
  await until("the keyboard there", () => further.evaluate((e) => e.contains(document.activeElement)));
  const [asked] = await home.model.requests("question");
  assert.match(asked.messages.at(-1), /なぜ今になって\?/);
  await isOver(page);

  // Ask about all of it.
  await page.locator(".ask-all textarea").fill("一つだけ選ぶなら?");
  await page.locator(".ask-all button").click();
  await until("two further answers", async () => (await further.count()) === 2);
  await isOver(page);
  assert.equal(await page.locator(".further .pane.follow_up .title").innerText(), "一つだけ選ぶなら?");
  await page.locator(".run-head .copy").click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await until("the copy", async () => /会議を長くしているのは決定ではない/.test(await copied()));
  assert.match(await copied(), /まだ議題を減らさないほうがいい/);

  // The next day: another server, another token, another tab.
  const old = new URL(page.url()).hash;
  await home.interrupt();
  await home.serve();
  const later = await openPage(home.url, await windowOf());
  const found = later.locator(".run-link").first();
  await until("the history", async () => (await found.innerText()).includes("毎週の会議が長く"));
  await later.locator(".search").fill("決める人が十月");
  await until("its words found", async () => (await later.locator(".run-link-snippet").count()) === 1);
  await found.click();
  await until("all of it again", async () => (await later.locator(".pane[data-branch]").count()) === 7);
  assert.equal(new URL(later.url()).hash, old);
  assert.match(await text(later, "focus"), /まだ議題を減らさないほうがいいです/);
  assert.match(await later.locator(".pane.follow_up").first().innerText(), /決める人が十月から/);
  // It goes on from there.
  await home.model.plays(whole({ breadth: { chunks: ["- 新しい広さ\n"] } }));
  await pane(later, "breadth").locator(".retry").click();
  await until("the new answer", async () => /新しい広さ/.test(await text(later, "breadth")));
  assert.deepEqual([page.problems, later.problems], [[], []]);
  assert.deepEqual(await later.evaluate(() => window.violations), []);
});

test("a page that is loaded anew in the middle has all of the run, its draft and its place", async () => {
  const home = await homeOf();
  const long = Array.from({ length: 60 }, (_, i) => `- ${i + 1} 行目の答え\n`).join("");
  await home.model.plays(whole({ depth: { chunks: pieces(long, 20), delay_ms: 2 }, time: { chunks: pieces(views.time), delay_ms: 5, held: true } }));
  const page = await openPage(home.url, await windowOf({ width: 900, height: 700 }));
  await start(page, task);
  await looks(page, "depth", "done");
  await looks(page, "time", "live");
  await page.locator("#text").fill("次の課題の書きかけ");
  await pane(page, "depth").locator(".ask").click();
  await page.keyboard.type("書きかけの質問");
  await page.evaluate(() => window.scrollTo(0, 900));
  const top = () => pane(page, "time").evaluate((e) => Math.round(e.getBoundingClientRect().top));
  const before = await top();
  await page.reload();
  // What was said comes anew in several pieces.
  await looks(page, "depth", "done");
  await looks(page, "time", "live");
  await until("the same place", async () => Math.abs((await page.evaluate(() => window.scrollY)) - 900) <= 1);
  assert.equal(await page.locator("#text").inputValue(), "次の課題の書きかけ");
  assert.match(await text(page, "depth"), /60 行目の答え/);
  assert.ok(Number.isFinite(before));
  await pane(page, "depth").locator(".ask").click();
  assert.equal(await pane(page, "depth").locator("textarea").inputValue(), "書きかけの質問");
  await home.model.goesOn();
  await looks(page, "focus", "done");
  // Once each: no piece twice, none missing.
  assert.equal((await text(page, "depth")).match(/行目の答え/g).length, 60);
  assert.equal((await home.model.requests("depth")).length, 1, "it was asked once");
  assert.deepEqual(page.problems, []);
});

test("earlier runs are pinned, unpinned and deleted", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await start(page, "一つ目の課題");
  await isOver(page);
  await start(page, "二つ目の課題");
  await until("both", async () => (await page.locator(".run-entry").count()) === 2);
  await isOver(page);
  await until("no run goes on", async () => (await page.locator('.run-entry[data-look="live"]').count()) === 0);
  const first = page.locator(".run-entry", { hasText: "一つ目" });
  await first.locator(".pin").click();
  await until("the pin", async () => (await first.locator(".pin").getAttribute("aria-pressed")) === "true");
  assert.ok(await first.locator(".pin").evaluate((e) => e === document.activeElement), "the keyboard stays where it was");
  await page.locator(".only-pinned input").check();
  await until("only that", async () => (await page.locator(".run-entry").count()) === 1);
  await page.locator(".only-pinned input").uncheck();
  await until("both again", async () => (await page.locator(".run-entry").count()) === 2);
  const second = page.locator(".run-entry", { hasText: "二つ目" });
  await second.hover();
  await second.locator(".bin").click();
  assert.match(await page.locator("dialog").innerText(), /「二つ目の課題」を削除しますか。元には戻せません。/);
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".run-entry").count(), 2, "Enter alone deletes nothing");
  await second.hover();
  await second.locator(".bin").click();
  await page.locator("dialog .danger").click();
  await until("one less", async () => (await page.locator(".run-entry").count()) === 1);
  await until("the empty page", async () => (await page.locator(".pane[data-branch]").count()) === 0);
  assert.doesNotMatch(page.url(), /run=/);
  assert.deepEqual(page.problems, []);
});

test("what is refused is said where it was asked for, and what was typed stays", async () => {
  const home = await homeOf();
  await home.model.plays(whole({ structure: { status: 401 } }));
  const page = await openPage(home.url, await windowOf());
  await page.locator(".start").click();
  assert.equal(await page.locator("#composer-problem").innerText(), "先に課題を書くか、貼り付けてください。");
  await page.locator("#text").fill("あ".repeat(70_000));
  await page.locator(".start").click();
  await until("why", async () => (await page.locator("#composer-problem").innerText()).length > 10);
  assert.equal((await page.locator("#text").inputValue()).length, 70_000);
  assert.deepEqual(await home.model.log(), []);
  await start(page, task);
  await looks(page, "structure", "failed");
  const said = await pane(page, "structure").locator(".reason").innerText();
  assert.match(said, /401/);
  assert.ok(await pane(page, "structure").locator(".retry").isVisible());
  await isOver(page);
  assert.deepEqual(page.problems, []);
});

test("what would be sent is shown before, and nothing is sent", async () => {
  const home = await homeOf();
  const page = await openPage(home.url, await windowOf());
  await page.locator("#text").fill(task);
  await page.locator("#composer-acts .quiet-button").click();
  await until("the preview", async () => (await page.locator("dialog .answer").innerText()).includes("議題は 12 件あり"));
  await page.keyboard.press("Escape");
  await until("no dialog", async () => !(await page.locator("dialog").isVisible()));
  assert.deepEqual(await home.model.log(), []);
  assert.deepEqual(page.problems, []);
});

test("other perspectives are chosen, kept in the tab and asked; the focus can be left out", async () => {
  const home = await homeOf();
  await home.model.plays({});
  const page = await openPage(home.url, await windowOf());
  await page.locator(".choice summary").click();
  await page.locator(".choice-set", { has: page.locator("legend", { hasText: "決めるとき" }) }).locator(".only").click();
  await page.locator(".choice-focus input").uncheck();
  const blank = await page.locator(".pane .title").allInnerTexts();
  assert.equal(blank.length, 4);
  assert.ok(!blank.includes("深さ") && !blank.includes("焦点"), blank.join());
  await page.reload();
  await until("the choice again", async () => (await page.locator(".pane .title").allInnerTexts()).join() === blank.join());
  await start(page, task);
  await isOver(page);
  assert.deepEqual(await page.locator(".pane .title").allInnerTexts(), blank);
  assert.equal((await home.model.requests("focus")).length, 0);
  assert.deepEqual(page.problems, []);
});

test("the focus is told and asked for as the settings have it for what is chosen, unless the reader says otherwise", async () => {
  const home = await homeOf();
  await home.configure("focus = 'off'\nsets = { mine = { perspectives = ['depth', 'time'], focus = 'auto' }, later = { perspectives = ['depth', 'time'], focus = 'ask' } }");
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  const summary = () => page.locator(".choice-names").innerText();
  const box = page.locator(".choice-focus input");
  const only = (name) => page.locator(".choice-set", { has: page.locator("legend", { hasText: name }) }).locator(".only").click();
  const asks = async (titles, looksLike) => {
    await page.locator("#text").fill(`課題: ${titles.join()} ${looksLike}`);
    await page.locator(".start").click();
    await until(titles.join(), async () => (await page.locator(".pane[data-branch] .title").allInnerTexts()).join() === titles.join());
    await isOver(page);
    assert.equal((await home.model.requests("focus")).length, looksLike);
  };
  const all = ["深さ", "広さ", "構造", "時間"];
  assert.deepEqual(await page.locator(".pane .title").allInnerTexts(), all);
  await page.locator(".choice summary").click();
  assert.deepEqual([await summary(), await box.isChecked()], ["深さ · 広さ · 構造 · 時間", false]);
  await asks(all, 0);
  await only("mine");
  assert.deepEqual([await summary(), await box.isChecked()], ["深さ · 時間 · 焦点", true]);
  await asks(["深さ", "時間", "焦点"], 1);
  await only("later");
  assert.deepEqual([await summary(), await box.isChecked()], ["深さ · 時間", false]);
  await asks(["深さ", "時間", "焦点"], 1);
  await only("どんな文章にも");
  assert.ok(!(await box.isChecked()));
  await box.check();
  await asks([...all, "焦点"], 2);
  await page.reload();
  await until("the choice again", async () => (await summary()) === "深さ · 広さ · 構造 · 時間 · 焦点");
  await page.locator(".choice summary").click();
  await box.uncheck();
  await asks(all, 2);
  assert.deepEqual(page.problems, []);
});

test("items are marked to keep or drop, and the section is written anew with that", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await start(page, task);
  await isOver(page);
  const depth = pane(page, "depth");
  await depth.locator(".mark").click();
  const items = depth.locator(".answer li");
  await items.nth(0).locator("button.keep").click();
  await items.nth(1).locator("button.drop").click();
  await until("both marks", async () => (await depth.locator("li[data-mark]").count()) === 2);
  await items.nth(0).locator("button.keep").click();
  await until("one mark", async () => (await depth.locator('[data-mark="keep"]').count()) === 0);
  await items.nth(0).locator("button.keep").click();
  await until("both marks again", async () => (await depth.locator('[data-mark="keep"]').count()) === 1);
  // They are the run's, not the page's.
  await page.reload();
  await until("the marks again", async () => (await depth.locator("li[data-mark]").count()) === 2);
  await depth.locator(".mark").click();
  await home.model.plays(whole({ depth: { chunks: ["- 書き直した深さ\n"] } }));
  await depth.locator(".marking .main-button").click();
  await until("the new answer", async () => /書き直した深さ/.test(await text(page, "depth")));
  await looks(page, "depth", "done");
  const asked = (await home.model.log()).filter((e) => e.event === "request").at(-1).messages.at(-1);
  assert.match(asked, /残す: 「.*「長い」と感じる二時間/);
  assert.match(asked, /報告が口頭なのは/);
  assert.equal(await depth.locator("[data-mark], .item-marks").count(), 0);
  assert.deepEqual(page.problems, []);
});
