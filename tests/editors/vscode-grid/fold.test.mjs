// The fold: events in, panes out.

import assert from "node:assert/strict";
import test from "node:test";
import { cut, dollars, empty, fold, isAlive, isFirstFocus, markOf, readEvent, release, statusOf, totalOf, troubleOf, wordsFor } from "./out/units.mjs";
import { random } from "../shared/random.mjs";
import * as s from "./script.mjs";

const read = (events) => events.map(readEvent).filter(Boolean);
const run = (...events) => fold(empty, read(s.stamp([s.started(s.four), ...events])));
const pane = (state, branch) => state.panes.find((p) => p.branch === branch);
const shown = (state, branch, lang = "en") => statusOf(pane(state, branch), wordsFor(lang), lang);

test("sections stand in the order of the start, whatever answers first", () => {
  const state = run(s.start("time"), s.delta("time", "T1"), s.start("depth"));
  assert.deepEqual(state.panes.map((p) => [p.title, p.state.kind]), [
    ["深さ", "waiting"],
    ["広さ", "queued"],
    ["構造", "queued"],
    ["時間", "writing"],
  ]);
});

test("how a section is asked stands among its facts, once, until it is asked anew", () => {
  const note = { event: "branch_noted", branch: "depth", note: "in one piece" };
  const noted = run(s.start("depth"), note, note);
  assert.deepEqual(shown(noted, "depth").facts.slice(1), ["in one piece"]);
  assert.equal(shown(noted, "depth").look, "waiting");
  const loading = run({ ...s.queued("depth"), waits_for: "llama-server を起動しています。" });
  const { look, reason, facts, spoken } = shown(loading, "depth");
  assert.deepEqual([look, reason, facts, spoken], ["queued", "llama-server を起動しています。", [], reason]);
  const over = run(s.start("depth"), note, s.delta("depth", "D1"), s.done("depth"));
  assert.equal(shown(over, "depth").facts.at(-1), "in one piece");
  const anew = run(s.start("depth"), note, s.done("depth"), s.start("depth"));
  assert.equal(shown(anew, "depth").facts.length, 1);
});

test("any interleaving of the branches gives the same panes", () => {
  const story = (b) => [
    s.start(b),
    s.thinking(b, 40),
    s.retrying(b, "later"),
    s.delta(b, `${b} 一`),
    s.delta(b, "二👩‍👩‍👧‍👦"),
    b === "time" ? s.failed(b, "gone") : s.done(b),
  ];
  const expected = run(...s.four.flatMap(([b]) => story(b))).panes;
  assert.equal(expected[0].text, "depth 一二👩‍👩‍👧‍👦");
  for (let seed = 1; seed <= 200; seed += 1) {
    const next = random(seed);
    const lines = s.four.map(([b]) => story(b));
    const mixed = [];
    while (lines.some((line) => line.length > 0)) {
      const alive = lines.filter((line) => line.length > 0);
      mixed.push(alive[Math.floor(next() * alive.length)].shift());
    }
    assert.deepEqual(run(...mixed).panes, expected, `seed ${seed}`);
  }
});

test("a section that is added later stands below the one that it goes on from, and changes no other", () => {
  const added = (branch, after) => ({ event: "section_added", section: { branch, title: branch, role: "follow_up" }, after });
  const story = (b) => [s.start(b), s.delta(b, `${b} 一`), s.done(b)];
  const five = fold(empty, read(s.stamp([s.started(s.five), ...s.five.flatMap(([b]) => story(b))])));
  const more = [added("one", "breadth"), added("two", "breadth"), added("of-one", "one"), added("lost", "nowhere"), added("one", "time")];
  const state = fold(five, read(s.stamp([s.start("unknown"), ...more, ...story("one")], five.next)));
  const order = ["focus", "depth", "breadth", "one", "of-one", "two", "structure", "time", "lost"];
  assert.deepEqual(state.panes.map(({ branch }) => branch), order);
  for (const before of five.panes) {
    assert.equal(pane(state, before.branch), before);
  }
  assert.deepEqual([pane(state, "one").text, pane(state, "two").state.kind], ["one 一", "queued"]);
  assert.deepEqual(fold(empty, read(s.stamp(more))).panes, [], "there is no run yet");
});

test("events out of order, twice and in any batches count once and in place", () => {
  const words = Array.from({ length: 60 }, (_, i) => s.delta("depth", `${i} `));
  const all = read(s.stamp([s.started(s.four), s.start("depth"), ...words, s.done("depth")]));
  const expected = fold(empty, all);
  for (let seed = 1; seed <= 100; seed += 1) {
    const next = random(seed);
    const mixed = s.shuffled([...all, ...all.filter(() => next() < 0.3)], next);
    let state = empty;
    while (mixed.length > 0) {
      state = fold(state, mixed.splice(0, 1 + Math.floor(next() * 9)));
    }
    assert.deepEqual(state, expected, `seed ${seed}`);
  }
});

test("a gap holds what comes after it until it is mended", () => {
  const all = read(s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "a"), s.delta("depth", "b")]));
  const gapped = fold(fold(empty, all.slice(0, 2)), all.slice(3));
  assert.equal(pane(gapped, "depth").text, "");
  assert.equal(pane(fold(gapped, all.slice(2)), "depth").text, "ab");
});

test("a gap that is never mended is given up", () => {
  const all = read(s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "a"), s.delta("depth", "b"), s.done("depth")]));
  const state = release(fold(empty, [all[0], all[1], all[3], all[4]]));
  assert.equal(pane(state, "depth").text, "b");
  assert.equal(pane(state, "depth").state.kind, "done");
  assert.deepEqual(state.held, []);
  assert.equal(pane(fold(state, [all[2]]), "depth").text, "b");
});

test("what is held behind a gap is bounded", () => {
  const far = Array.from({ length: 5000 }, (_, i) => ({ seq: i + 3, event: "thinking", branch: "depth", chars: 1 }));
  const state = fold(fold(empty, read(s.stamp([s.started(s.four)]))), read(far));
  assert.equal(state.held.length, 0);
  assert.equal(pane(state, "depth").state.chars, 5000);
});

test("a retry keeps the earlier answer until the new one's first text", () => {
  const before = [s.start("depth"), s.delta("depth", "old"), s.failed("depth", "broke")];
  const waiting = run(...before, s.start("depth", "other"), s.thinking("depth", 3));
  assert.deepEqual([pane(waiting, "depth").text, pane(waiting, "depth").anew], ["old", true]);
  const wrote = run(...before, s.start("depth", "other"), s.delta("depth", "new"));
  assert.deepEqual([pane(wrote, "depth").text, pane(wrote, "depth").generation], ["new", 1]);
  const again = run(...before, s.start("depth"), s.failed("depth", "x"), s.start("depth"), s.delta("depth", "n"));
  assert.equal(pane(again, "depth").text, "n");
});

test("an unchanged pane stays the same object", () => {
  const a = run(s.start("depth"));
  const b = fold(a, read([{ seq: a.next, ...s.delta("time", "x") }]));
  assert.equal(pane(a, "depth"), pane(b, "depth"));
  assert.notEqual(pane(a, "time"), pane(b, "time"));
});

test("characters are counted as the server counts them", () => {
  const state = run(s.start("depth"), s.delta("depth", "日本👩‍👩‍👧‍👦"));
  assert.equal(pane(state, "depth").state.chars, 9);
  assert.equal(shown(state, "depth").text, "Writing · 9 characters");
  assert.equal(shown(state, "depth", "ja").text, "書いています · 9 字");
});

test("each state has its words and facts", () => {
  const state = run(
    s.start("depth"),
    s.delta("depth", "x"),
    s.done("depth"),
    s.start("breadth"),
    s.thinking("breadth", 1200),
    s.start("structure"),
    s.retrying("structure", "The server is busy."),
    s.failed("time", "Ollama is not running. Start it."),
  );
  assert.deepEqual(shown(state, "depth").facts, ["llama3.2:3b", "1,100 (800 cached) → 320 tokens", "4.1 s"]);
  assert.equal(shown(state, "breadth", "ja").text, "考えています · 1,200 字");
  assert.deepEqual(
    [shown(state, "structure").text, shown(state, "structure").reason],
    ["Retrying in 1.5 s (attempt 2)", "The server is busy."],
  );
  assert.deepEqual([shown(state, "time").text, shown(state, "time").reason], ["Failed", "Ollama is not running. Start it."]);
  assert.deepEqual(shown(state, "time").facts, []);
  assert.equal(state.panes.filter(isAlive).length, 2);
});

test("a section that the server has no room for waits in the line, and its earlier answer stands", () => {
  const refused = run(s.start("depth"), s.retrying("depth", "The server is busy."), s.queued("depth"));
  assert.equal(shown(refused, "depth").text, "Queued");
  const sent = fold(refused, [readEvent({ seq: refused.next, ...s.retrying("depth", "The server is busy.", 0) })]);
  assert.equal(shown(sent, "depth").look, "waiting");
  const anew = run(s.start("time"), s.delta("time", "old"), s.done("time"), s.queued("time"));
  assert.deepEqual([pane(anew, "time").text, isAlive(pane(anew, "time"))], ["old", true]);
  const next = anew.next;
  const events = [s.start("time"), s.delta("time", "new")].map((event, i) => readEvent({ seq: next + i, ...event }));
  assert.equal(pane(fold(anew, events), "time").text, "new");
});

test("a provider's own closing sentence stands in place of the cost", () => {
  const state = run(s.start("depth", "worksheet"), s.done("depth", { note: "No model was asked." }));
  assert.deepEqual(shown(state, "depth").facts, ["No model was asked."]);
});

test("cut off, length and filtered are partial; an unknown outcome is no success", () => {
  for (const outcome of ["cut_off", "length", "filtered", "someday"]) {
    const state = run(s.start("depth"), s.failed("depth", "why", { outcome }));
    assert.equal(shown(state, "depth").look, outcome === "someday" ? "failed" : "partial");
    assert.equal(shown(state, "depth").reason, "why");
  }
});

test("a time that nobody knows is not told", () => {
  const state = run(s.start("depth", "gpt"), s.failed("depth", "killed", { outcome: "cut_off", elapsed_ms: 0 }));
  assert.deepEqual(shown(state, "depth").facts, ["gpt"]);
});

test("what is no event, or of an unknown kind or branch, changes nothing", () => {
  for (const value of [null, 1, "x", [], {}, { seq: "1" }, { seq: 0, event: "delta" }, { seq: 1.5 }]) {
    assert.equal(readEvent(value), undefined);
  }
  const state = run({ event: "new_thing", branch: "depth" }, s.delta("nobody", "x"), { event: "delta" });
  assert.deepEqual(state.panes, run().panes);
  assert.equal(state.next, 5);
});

test("the origin names file and lines", () => {
  assert.equal(run().origin, "課題.md:3–5");
  const odd = readEvent({ seq: 1, ...s.started([]), source: { uri: "untitled:50%25%", range: {} } });
  assert.equal(odd.origin, "50%25%:1");
});

const withFocus = (...events) => fold(empty, read(s.stamp([s.started(s.five), ...events])));
const views = (names = s.four.map(([b]) => b)) => names.flatMap((b) => [s.start(b), s.delta(b, b), s.done(b)]);
const focus = (state) => pane(state, "focus");

test("a focus counts the views that have ended until it begins, however they ended", () => {
  assert.equal(shown(withFocus(), "focus").text, "Waiting for the views · 0 of 4");
  const some = withFocus(...views(["depth"]), s.failed("time", "gone"), s.cancelled("breadth"), s.start("structure"));
  assert.equal(shown(some, "focus").text, "Waiting for the views · 3 of 4");
  assert.equal(shown(some, "focus", "ja").text, "視点がそろうのを待っています · 3/4");
  assert.ok(isAlive(focus(some)));
  const begun = withFocus(...views(["depth", "time"]), s.start("focus"), ...views(["breadth"]));
  assert.equal(focus(begun).state.kind, "waiting");
  assert.equal(cut(some, "gone").panes[0].state.kind, "broken");
  assert.equal(shown(run(), "depth").text, "Queued", "nobody else waits for views");
});

test("a focus is older than each view that comes after it was begun, until it is begun anew", () => {
  const written = [...views(), s.start("focus"), s.delta("focus", "F"), s.done("focus")];
  assert.deepEqual([focus(withFocus(...written)).older, shown(withFocus(...written), "focus").call], [[], ""]);
  const older = withFocus(...written, ...views(["time", "depth", "time"]));
  assert.deepEqual(focus(older).older, ["時間", "深さ"]);
  assert.equal(shown(older, "focus").call, "Outdated: 時間, 深さ changed after this was written.");
  assert.equal(shown(older, "focus", "ja").call, "「時間、深さ」の更新がまだ反映されていません。");
  const nothing = withFocus(...written, s.start("depth"), s.failed("depth", "no text"), s.start("time"), s.cancelled("time"));
  assert.deepEqual(focus(nothing).older, [], "the earlier text stands there");
  const part = withFocus(...written, s.start("depth"), s.delta("depth", "half"), s.cancelled("depth"));
  assert.deepEqual(focus(part).older, ["深さ"], "a part of a new one is new");
  const late = withFocus(...views(["depth", "time"]), s.start("breadth"), s.delta("breadth", "b"), s.start("focus"), s.done("breadth"));
  assert.deepEqual([focus(late).older, shown(late, "focus").call], [["広さ"], ""], "told when it is over");
  const retracted = [s.start("depth"), s.delta("depth", "x"), { event: "retracted", branch: "depth", chars: 1 }, s.done("depth")];
  assert.deepEqual(focus(withFocus(...written, ...retracted)).older, []);
  assert.deepEqual(focus(withFocus(...written, ...views(["time"]), s.start("focus"))).older, []);
});

test("a focus that is left to the user is over, and no failure", () => {
  const left = withFocus(s.onDemand("focus"), ...views());
  assert.equal(isAlive(focus(left)), false);
  const { look, text, call, facts } = shown(left, "focus");
  assert.deepEqual([look, text, call, facts], ["unasked", "Not written yet", "Writing it from the views takes one more request.", []]);
  assert.equal(shown(withFocus(s.onDemand("focus"), ...views(), s.start("focus")), "focus").look, "waiting");
});

test("only a focus that is complete at its first end is the first", () => {
  const end = (...events) => isFirstFocus(focus(withFocus(...views(), ...events)));
  const wrote = [s.start("focus"), s.delta("focus", "F")];
  assert.equal(end(...wrote), false);
  assert.equal(end(...wrote, s.done("focus")), true);
  assert.equal(end(...wrote, s.failed("focus", "cut", { outcome: "cut_off" })), false);
  assert.equal(end(...wrote, s.done("focus"), ...wrote, s.done("focus")), false);
  assert.equal(end(s.onDemand("focus"), ...wrote, s.done("focus")), false);
  assert.equal(isFirstFocus(pane(withFocus(...views()), "depth")), false);
});

test("a reader's marks stand by their lines, replace each other, and go with a new answer", () => {
  const marked = (line, mark, comment) => ({ event: "marked", branch: "depth", item: { line, text: `- 項目 ${line}` }, ...(mark && { mark }), ...(comment && { comment }) });
  const before = [s.start("depth"), s.delta("depth", "- 項目 0\n- 項目 1\n"), s.done("depth"), s.ended()];
  const words = (state) => pane(state, "depth").marks.map((mark) => markOf(mark, wordsFor("ja")));
  const state = run(...before, marked(1, "comment", "本当に?"), marked(0, "keep"), marked(0, "drop"), s.ended());
  assert.deepEqual(words(state), ["✎ 削る「項目 0」", "✎ 「項目 1」: 本当に?"]);
  assert.deepEqual(words(run(...before, marked(1, "keep"), marked(1))), []);
  assert.deepEqual(words(run(...before, marked(1, "keep"), s.start("depth"))), ["✎ 残す「項目 1」"], "the earlier answer stands");
  assert.deepEqual(words(run(...before, marked(1, "keep"), s.start("depth"), s.delta("depth", "新しい"))), []);
  const long = { line: 0, text: `- ${"長".repeat(50)}`, mark: "keep", comment: "" };
  assert.equal(markOf(long, wordsFor("en")), `✎ Keep “${"長".repeat(40)}…”`);
});

test("amounts are written as the server writes them", () => {
  const amounts = [0, 0.00001, 0.000047, 0.00006, 0.0061, 0.0247, 0.25, 0.99999, 1, 12.345, 1.999];
  assert.deepEqual(amounts.map(dollars), ["$0.00", "<$0.0001", "<$0.0001", "$0.0001", "$0.0061", "$0.0247", "$0.25", "$1.00", "$1.00", "$12.35", "$2.00"]);
});

test("what a run came to is told where several sections were asked, and only until something else is", () => {
  const asked = ["depth", "time"].flatMap((b) => [s.start(b), s.delta(b, b), s.done(b)]);
  const total = { requests: 2, prompt_tokens: 120, cached_tokens: 100, completion_tokens: 20, reasoning_tokens: 12, cost: 0.0247, elapsed_ms: 5100 };
  const said = (...more) => totalOf(run(...asked, ...more), wordsFor("en"), "en");
  assert.equal(said({ ...s.ended(), total }), "Σ 2 requests · 120 (100 cached) → 20 tokens (12 reasoning) · 5.1 s · $0.0247");
  assert.equal(said({ ...s.ended(), total: { requests: 2, cost: 0.0247, at_least: true } }), "Σ 2 requests · at least $0.0247");
  assert.deepEqual([said(s.ended()), said({ ...s.ended(), total }, s.start("depth"))], ["", ""]);
  assert.equal(totalOf(run(...asked.slice(0, 3), { ...s.ended(), total }), wordsFor("en"), "en"), "");
});

test("a failure of several sections is one, with what helps against it", () => {
  const failure = (kind, message) => ({ failure: { kind, message } });
  const trouble = (...events) => troubleOf(run(...events));
  const key = ["depth", "time"].map((b) => s.failed(b, "", failure("unauthorized", "no key")));
  assert.deepEqual(trouble(...key, s.failed("breadth", "", failure("timeout", "slow"))), {
    message: "no key", branches: ["depth", "time"], steps: ["set_key", "choose_who", "retry_failed"],
  });
  assert.equal(trouble(key[0]).steps[0], "set_key", "also of one, where something must be set up");
  assert.equal(trouble(s.failed("depth", "", failure("timeout", "slow"))), undefined);
  assert.deepEqual(trouble(...["depth", "time"].map((b) => s.failed(b, "", failure("timeout", "slow")))).steps, ["retry_failed"]);
  assert.equal(trouble(...key, s.start("depth"), s.start("time")), undefined);
  assert.equal(trouble(...["depth", "time"].map(s.cancelled)), undefined);
});
