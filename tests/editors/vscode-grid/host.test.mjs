// The extension's side: pages, what they are told, and what they ask for.

import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";
import { createGrid } from "./out/units.mjs";
import * as s from "./script.mjs";

const { made } = globalThis.fakeVscode;
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
