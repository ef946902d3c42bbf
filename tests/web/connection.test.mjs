// A page whose server goes away, comes back, or is another one.

import assert from "node:assert/strict";
import test from "node:test";
import { doorTo, homeOf, isOver, looks, openPage, pane, start, until, useBrowser, windowOf } from "./harness.mjs";
import { pieces, task, views, whole } from "./texts.mjs";

useBrowser();

const through = (home, door) => home.url.replace(/:\d+\//, `:${door.port}/`);
const streams = (page) => page.requests.filter((path) => path.includes("follow=true")).length;
const text = (page, branch) => pane(page, branch).locator(".answer").innerText();

test("a lost connection is said, and goes on where it broke, again and again", async () => {
  const home = await homeOf();
  const door = await doorTo(home);
  const long = Array.from({ length: 150 }, (_, i) => `${i + 1} つ目の文。`).join("");
  const slow = { chunks: pieces(long, 9), delay_ms: 25, held: true };
  await home.model.plays(whole({ depth: slow, breadth: slow, structure: slow, time: slow }));
  const page = await openPage(through(home, door), await windowOf());
  const asked = [];
  page.on("request", (request) => request.url().includes("follow=true") && asked.push(request.headers()["last-event-id"] ?? ""));
  await start(page, task);
  for (let round = 0; round < 3; round += 1) {
    const before = (await text(page, "depth")).length;
    // On a slow machine, all but what is held back may have come in the round before.
    await until("more text", async () => (await text(page, "depth")).length > (round === 0 ? before : 0));
    door.shut();
    await until("that it is said", async () => /つながりません。自動でつなぎ直します/.test(await page.locator("#banner").innerText()));
    door.open();
    await until("that it is not said any more", async () => !(await page.locator("#banner").isVisible()));
  }
  await home.model.goesOn();
  await isOver(page);
  for (const branch of ["depth", "breadth", "structure", "time"]) {
    assert.equal((await text(page, branch)).replace(/\s/g, ""), long.replace(/\s/g, ""), branch);
  }
  const ids = asked.map(Number);
  assert.equal(asked[0], "", "the first has nothing to go on from");
  assert.ok(ids.length >= 4 && ids.slice(1).every((id, i) => id > 0 && id >= ids[i]), ids.join());
  assert.equal((await home.model.requests("depth")).length, 1, "the run went on meanwhile");
  assert.deepEqual(page.problems, []);
});

test("what is asked while there is no server is said as a sentence, and can be asked again", async () => {
  const home = await homeOf("en");
  const door = await doorTo(home);
  await home.model.plays(whole());
  const page = await openPage(through(home, door), await windowOf({ lang: "en-US" }));
  await page.locator("#text").fill("The meetings run long.");
  door.shut();
  await page.locator(".start").click();
  await until("why", async () => (await page.locator("#composer-problem").innerText()).startsWith("The server cannot be reached."));
  door.open();
  await page.locator(".start").click();
  await isOver(page);
  assert.deepEqual(page.problems, []);
});

test("a server that was started anew has another token: the page says what to do, and keeps the draft", async () => {
  const home = await homeOf();
  const door = await doorTo(home);
  await home.model.plays(whole());
  const page = await openPage(through(home, door), await windowOf());
  await start(page, task);
  await isOver(page);
  await page.locator("#text").fill("書きかけ");
  // The same address, and a token of another server.
  await page.evaluate(() => sessionStorage.setItem("kaizodo.token", "x".repeat(43)));
  await pane(page, "depth").locator(".retry").click();
  await until("the question for it", () => page.locator("#token").isVisible());
  assert.match(await page.locator("#token").innerText(), /トークンが必要です/);
  assert.ok(await page.locator(".token-field").evaluate((e) => e === document.activeElement));
  await page.locator(".token-field").fill("http://127.0.0.1:4649/");
  await page.locator("#token .main-button").click();
  assert.match(await page.locator("#token .problem").innerText(), /トークンが見つかりません/);
  await page.locator(".token-field").fill(`${through(home, door)}`);
  await page.locator("#token .main-button").click();
  await until("all of the run", async () => (await page.locator(".pane[data-branch]").count()) === 5);
  assert.equal(await page.locator("#text").inputValue(), "書きかけ");
  assert.deepEqual(page.problems, []);
});

test("a new address in the same tab is taken where the page asks for one, and the run and the draft are there again", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await start(page, task);
  await isOver(page);
  const shown = page.url();
  await page.locator("#text").fill("書きかけ");
  // An editor's address has a ticket instead, which this server has not made.
  await page.route("**/v1/token", (route) => route.fulfill({ json: { token: home.token } }));
  for (const address of [home.url, `${home.origin}/#ticket=${"a".repeat(64)}`]) {
    await page.evaluate(() => sessionStorage.setItem("kaizodo.token", "x".repeat(43)));
    await pane(page, "depth").locator(".retry").click();
    await until("the question for it", () => page.locator("#token").isVisible());
    await page.evaluate((hash) => (location.hash = hash), new URL(address).hash);
    await until("the page", async () => !(await page.locator("#token").isVisible()) && !(await page.locator("#page").evaluate((e) => e.inert)));
    await until("all of the run", async () => (await page.locator(".pane[data-branch]").count()) === 5);
    assert.deepEqual([page.url(), await page.locator("#text").inputValue()], [shown, "書きかけ"]);
  }
  assert.deepEqual(page.problems, []);
});

test("an address that an editor opens is good for one tab, and says so to a second", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const address = await home.editor();
  assert.match(address, /#ticket=[0-9a-f]{64}$/);
  const page = await openPage(address, await windowOf());
  await start(page, task);
  await isOver(page);
  assert.doesNotMatch(page.url(), /ticket|token/, "it has left the address");
  await page.reload();
  await until("the run", async () => (await page.locator(".pane[data-branch]").count()) === 5);
  await page.goto(address);
  await until("that the old address is put away", () => !page.url().includes("ticket"));
  assert.ok(!(await page.locator("#token").isVisible()), "this tab is in already");
  assert.deepEqual(page.problems, []);

  const second = await (await windowOf()).newPage();
  const asked = [];
  second.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await second.goto(address);
  await until("the question for the token", () => second.locator("#token").isVisible());
  assert.match(await second.locator("#token .problem").innerText(), /このリンクは、すでに使われたか、古くなっています。/);
  assert.deepEqual(asked.filter((path) => path.startsWith("/v1")), ["/v1/token"]);
});

test("without a token nothing is asked for", async () => {
  const home = await homeOf();
  const context = await windowOf();
  const page = await context.newPage();
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${home.origin}/`);
  await page.locator("#token").waitFor();
  assert.deepEqual(asked.filter((path) => path.startsWith("/v1")), []);
});

test("a run is followed by one stream, and a hidden tab lets go of it once the run is over", async () => {
  const home = await homeOf();
  await home.model.plays(whole({ time: { chunks: pieces(views.time), delay_ms: 5, held: true } }));
  const page = await openPage(home.url, await windowOf());
  const ended = [];
  page.on("requestfailed", (request) => request.url().includes("follow=true") && ended.push(request.url()));
  page.on("requestfinished", (request) => request.url().includes("follow=true") && ended.push(request.url()));
  const hide = (hidden) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => is });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await start(page, task);
  await looks(page, "time", "live");
  await hide(true);
  assert.deepEqual([streams(page), ended.length], [1, 0], "a run that goes on is followed");
  await home.model.goesOn();
  await until("the stream's end", () => ended.length === 1);
  await hide(false);
  await until("another stream", () => streams(page) === 2);
  await home.model.plays(whole({ breadth: { chunks: ["- あとから\n"] } }));
  await pane(page, "breadth").locator(".retry").click();
  await until("what comes later", async () => /あとから/.test(await text(page, "breadth")));
  // Another run takes its place.
  await start(page, "別の課題");
  await until("the first one's end", () => ended.length === 2);
  await until("the third stream", () => streams(page) === 3);
  await isOver(page);
  assert.equal(streams(page), 3);
  assert.deepEqual(page.problems, []);
});

test("a run that is not there is said, with a way back", async () => {
  const home = await homeOf();
  const context = await windowOf();
  const page = await context.newPage();
  await page.goto(`${home.url}&run=01kb4q3v8m0000000000000000`);
  await until("why", async () => (await page.locator("#banner").innerText()).length > 10);
  await page.locator("#banner button").click();
  await page.locator(".pane .title").first().waitFor();
  assert.ok(!(await page.locator("#banner").isVisible()));
});

test("a run of another process is said to be under way, with nothing to press, and shown once it has ended", async () => {
  const home = await homeOf();
  await home.model.plays(whole());
  const page = await openPage(home.url, await windowOf());
  await start(page, task);
  await isOver(page);
  await home.model.plays(whole({ time: { chunks: pieces(views.time), delay_ms: 5, held: true } }));
  home.elsewhere("別の課題");
  const link = page.locator(".run-entry", { hasText: "別の課題" }).locator(".run-link");
  await until("it in the history", async () => {
    await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    // Each look has its time: the page drops the answer of every look but the last.
    await link.waitFor({ timeout: 2_000 });
    return true;
  });
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  await page.route(/follow=true/, (route) => answered.then(() => route.fallback()));
  await link.click();
  assert.ok(await pane(page, "depth").evaluate((e) => e.closest("[inert]") !== null), "its buttons are of another run");
  answer();
  await until("why", async () => (await page.locator("#banner").innerText()).includes("別の kaizodo が書いています"));
  assert.equal(await page.locator(".pane, .chip").count(), 0);
  await page.locator("#banner button").focus();
  const before = streams(page);
  await until("that it is tried again", () => streams(page) > before);
  assert.ok(await page.locator("#banner button").evaluate((e) => e === document.activeElement), "the keyboard stays");
  await home.model.goesOn();
  await looks(page, "focus", "done");
  assert.equal(await page.locator(".pane[data-branch]").count(), 5);
  assert.equal(await page.locator("[inert]").count(), 0);
  assert.ok(!(await page.locator("#banner").isVisible()));
  assert.deepEqual(page.problems, []);
});

test("a run that cannot be read is said as the server says it, and is not asked for again", async () => {
  const home = await homeOf();
  const page = await openPage(home.url, await windowOf());
  let asked = 0;
  await page.route(/follow=true/, (route) => {
    asked += 1;
    return route.fulfill({ status: 500, json: { error: { kind: "journal", message: "読めないファイルです。" } } });
  });
  await page.evaluate(() => (location.hash = "#run=01kb4q3v8m0000000000000000"));
  await until("why", async () => (await page.locator("#banner").innerText()).startsWith("読めないファイルです。"));
  await page.waitForTimeout(1500);
  assert.equal(asked, 1);
  await page.locator("#banner button").click();
  await page.locator(".pane .title").first().waitFor();
  assert.deepEqual(page.problems, []);
});
