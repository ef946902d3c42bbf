// The extension's side: pages, what they are told, and what they ask for.

import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { createGrid } from "./out/units.mjs";
import * as s from "./script.mjs";

const { made, createWebviewPanel } = globalThis.fakeVscode;
const fakePage = () => createWebviewPanel("kaizodo.grid", "", -2, {});
let asked;
let moves;
let grid;

beforeEach(() => {
  made.length = 0;
  asked = [];
  moves = 0;
  const host = {
    stop: (...a) => asked.push(["stop", ...a]),
    retry: (...a) => asked.push(["retry", ...a]),
    ask: (...a) => asked.push(["ask", ...a]),
    lookCloser: (...a) => asked.push(["lookCloser", ...a]),
    mark: (...a) => asked.push(["mark", ...a]),
    comment: (...a) => asked.push(["comment", ...a]),
    copy: (...a) => asked.push(["copy", ...a]),
    copyCode: (...a) => asked.push(["copyCode", ...a]),
    deed: (...a) => asked.push(["deed", ...a]),
    foldsViews: () => true,
    isFront: () => false,
    isPinned: (page) => page.pinned === true,
    moved: () => (moves += 1),
  };
  grid = createGrid({ extensionUri: "ext" }, host);
});

test("a run opens one page beside without taking the focus", () => {
  grid.show("r1", "課題");
  grid.show("r1", "課題 2");
  assert.equal(made.length, 1);
  assert.deepEqual(made[0].column, { viewColumn: -2, preserveFocus: true });
  assert.equal(made[0].title, "課題 2");
  assert.deepEqual(made[0].reveals, [[undefined, true]]);
  const { enableCommandUris, retainContextWhenHidden, localResourceRoots } = made[0].options;
  assert.deepEqual([enableCommandUris, retainContextWhenHidden], [false, false]);
  assert.deepEqual(localResourceRoots.map(String), ["ext/media/grid"]);
  grid.show("r2", "other");
  assert.equal(made.length, 2);
});

test("a page that says it is there gets the whole, then each event", () => {
  const events = s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "一")]);
  grid.events("r1", [...events.slice(0, 2), "no event"]);
  grid.show("r1", "t");
  assert.deepEqual(made[0].sent, []);
  made[0].say({ type: "ready" });
  grid.events("r1", events.slice(2));
  const [start, more] = made[0].sent;
  assert.equal(start.type, "start");
  assert.equal(start.words.stop, "停止");
  assert.equal(start.run.panes[0].state.kind, "waiting");
  assert.deepEqual([more.type, more.events.length, more.events[0].text], ["events", 1, "一"]);
});

test("a page shown again is told everything that came meanwhile", () => {
  grid.show("r1", "t");
  made[0].say({ type: "ready" });
  made[0].setVisible(false);
  grid.events("r1", s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "長い")]));
  assert.equal(made[0].sent.length, 1);
  made[0].setVisible(true);
  made[0].say({ type: "ready" });
  assert.equal(made[0].sent[1].run.panes[0].text, "長い");
});

test("a closed page can be opened again with its text", () => {
  grid.show("r1", "t");
  made[0].dispose();
  grid.events("r1", s.stamp([s.started(s.four)]));
  grid.show("r1", "t");
  made[1].say({ type: "ready" });
  assert.equal(made[1].sent[0].run.panes.length, 4);
});

test("runs without a page are forgotten, the oldest first", () => {
  for (let i = 0; i < 20; i += 1) {
    grid.events(`r${i}`, s.stamp([s.started(s.four)]));
  }
  for (const [id, panes] of [["r0", 0], ["r19", 4]]) {
    grid.show(id, "t");
    made.at(-1).say({ type: "ready" });
    assert.equal(made.at(-1).sent[0].run.panes.length, panes, id);
  }
});

test("a run taken again from its beginning replaces what was known, on both sides", () => {
  const events = s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "一")]);
  grid.show("r1", "t");
  grid.again("r2", events);
  grid.events("r1", s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "一"), s.delta("depth", "失")]));
  made[0].say({ type: "ready" });
  grid.again("r1", events);
  const again = made[0].sent.at(-1);
  assert.equal(again.type, "again");
  assert.equal(again.run.panes[0].text, "一");
  grid.events("r1", [{ ...s.delta("depth", "二"), seq: events.length + 1 }]);
  assert.equal(made[0].sent.at(-1).type, "events");
  made[0].say({ type: "ready" });
  assert.equal(made[0].sent.at(-1).run.panes[0].text, "一二");
  assert.equal(made.length, 1);
});

test("a run whose server stopped is cut off, and keeps what came", () => {
  grid.events("r1", s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "一")]));
  grid.show("r1", "t");
  made[0].say({ type: "ready" });
  grid.cut("r1", "止まりました。");
  const { type, run } = made[0].sent.at(-1);
  assert.equal(type, "again");
  assert.deepEqual(run.panes[0].state, { kind: "broken", outcome: "cut_off", failure: "interrupted", message: "止まりました。" });
  assert.ok(run.panes.every(({ state }) => state.kind === "broken"));
  assert.equal(run.panes[0].text, "一");
});

test("what a page asks for reaches the host; anything else does not", () => {
  grid.show("r1", "t");
  const heard = [
    [{ type: "stop" }, ["stop", "r1", undefined]],
    [{ type: "stop", branch: "time" }, ["stop", "r1", "time"]],
    [{ type: "retry", branch: "depth" }, ["retry", "r1", "depth", false]],
    [{ type: "retry", branch: "depth", marks: true }, ["retry", "r1", "depth", true]],
    [{ type: "mark", branch: "depth", line: 2, mark: "keep" }, ["mark", "r1", "depth", 2, "keep"]],
    [{ type: "mark", branch: "depth", line: 2 }, ["mark", "r1", "depth", 2, undefined]],
    [{ type: "comment", branch: "depth", line: 2, comment: "前の" }, ["comment", "r1", "depth", 2, "前の"]],
    [{ type: "copy", branch: "depth" }, ["copy", "r1", "depth"]],
    [{ type: "copy_code", code: "x" }, ["copyCode", "x"]],
    [{ type: "do", deed: "save" }, ["deed", "r1", "save"]],
  ];
  for (const [said] of [...heard, [{ type: "x" }], [7], [{ type: "do", deed: "quit" }]]) {
    made[0].say(said);
  }
  assert.deepEqual(asked, heard.map(([, asked]) => asked));
});

test("a gap that nobody mends is given up after a time, on both sides", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const events = s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "a"), s.delta("depth", "b")]);
    grid.show("r1", "t");
    made[0].say({ type: "ready" });
    grid.events("r1", [...events.slice(0, 2), ...events.slice(3)]);
    mock.timers.tick(9_999);
    assert.equal(made[0].sent.at(-1).type, "events");
    mock.timers.tick(1);
    assert.equal(made[0].sent.at(-1).type, "release");
    made[0].say({ type: "ready" });
    assert.equal(made[0].sent.at(-1).run.panes[0].text, "b");
  } finally {
    mock.timers.reset();
  }
});

test("a run that is heard of in its middle first is shown whole", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const events = s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "a"), s.delta("depth", "b")]);
    grid.events("r1", events.slice(2));
    mock.timers.tick(20_000);
    grid.events("r1", events);
    grid.show("r1", "t");
    made[0].say({ type: "ready" });
    assert.deepEqual(made[0].sent[0].run.panes.map(({ text }) => text), ["ab", "", "", ""]);
  } finally {
    mock.timers.reset();
  }
});

test("the run whose page is the active editor is known, and a change of it is told", () => {
  grid.show("r1", "t");
  grid.show("r2", "t");
  assert.equal(grid.active(), undefined);
  made[0].setActive(true);
  assert.deepEqual([grid.active(), moves], ["r1", 1]);
  made[0].setActive(false);
  made[1].setActive(true);
  assert.deepEqual([grid.active(), moves], ["r2", 3]);
  made[1].dispose();
  assert.deepEqual([grid.active(), moves], [undefined, 4]);
});

const over = (parent) => s.stamp([{ ...s.started(s.four), ...(parent && { origin: { run: parent } }) }, ...s.four.flatMap(([b]) => [s.start(b), s.done(b)]), s.ended()]);

test("a page whose run is over is used for the next one, unless it is pinned or that one goes on from it", () => {
  grid.events("r1", over());
  grid.show("r1", "一");
  made[0].say({ type: "ready" });
  grid.events("r2", s.stamp([s.started(s.four), s.start("depth")]));
  grid.show("r2", "二");
  assert.deepEqual([made.length, made[0].title], [1, "二"]);
  const { type, id, run } = made[0].sent.at(-1);
  assert.deepEqual([type, id, run.panes[0].state.kind], ["start", "r2", "waiting"]);
  made[0].say({ type: "stop" });
  assert.deepEqual(asked, [["stop", "r2", undefined]]);
  grid.show("r3", "三");
  assert.equal(made.length, 2, "one that is alive stays");
  grid.events("r3", over());
  grid.events("r4", over("r3"));
  grid.show("r4", "四");
  assert.equal(made.length, 3, "one that is asked about stays");
  made[1].pinned = true;
  made[2].pinned = true;
  grid.events("r5", over());
  grid.show("r5", "五");
  assert.equal(made.length, 4, "one that is pinned stays");
  grid.show("r1", "一");
  assert.deepEqual([made.length, made[3].title], [4, "一"], "an earlier one comes back in the page that is free");
});

test("a page that a question is being typed in is not used for another run", () => {
  grid.events("r1", over());
  grid.show("r1", "一");
  made[0].say({ type: "ready" });
  made[0].say({ type: "draft", has: true });
  made[0].setVisible(false);
  grid.show("r2", "二");
  assert.deepEqual([made.length, made[0].title], [2, "一"]);
  made[0].say({ type: "draft", has: "no" });
  grid.show("r3", "三");
  assert.equal(made.length, 3);
  made[0].say({ type: "draft", has: false });
  grid.show("r4", "四");
  assert.deepEqual([made.length, made[0].title], [3, "四"]);
  assert.deepEqual(asked, []);
});

test("pages with one title are told apart by their times", () => {
  const at = (time) => s.stamp([{ ...s.started(s.four), at: `2026-11-22T${time}:00Z` }, s.start("depth")]);
  grid.events("r1", at("14:00"));
  grid.show("r1", "会議");
  assert.equal(made[0].title, "会議");
  grid.show("r2", "会議");
  grid.events("r2", at("14:05"));
  assert.match(made[0].title, /^会議 · \d?\d:00$/);
  assert.match(made[1].title, /^会議 · \d?\d:05$/);
  made[1].dispose();
  assert.equal(made[0].title, "会議");
});

test("a page that the editor has kept over a reload shows its run again, once", () => {
  const page = fakePage();
  grid.events("r1", over());
  grid.restore("r1", "課題", page);
  assert.deepEqual([made.length, page.title, page.webview.html.includes("webview.js")], [1, "課題", true]);
  page.say({ type: "ready" });
  assert.equal(page.sent[0].run.panes.length, 4);
  grid.show("r1", "課題");
  assert.equal(made.length, 1);
  const second = fakePage();
  let gone = false;
  second.dispose = () => (gone = true);
  grid.restore("r1", "課題", second);
  assert.equal(gone, true);
});
