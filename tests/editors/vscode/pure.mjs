// The parts without an editor: the fold of a run's events, and when a reader is followed.

import assert from "node:assert/strict";
import { aliveLines } from "../../../editors/vscode/src/cut.ts";
import { read } from "../../../editors/vscode/src/follow.ts";
import { linesToFold } from "../../../editors/vscode/src/folds.ts";
import { Hold } from "../../../editors/vscode/src/hold.ts";
import { nextOf, placeOf, readPages, treeOf } from "../../../editors/vscode/src/saved.ts";
import { fileName, isAnswered, modelsOf, withoutIcons } from "../../../editors/vscode/src/sections.ts";
import { bringFocus, Runs, tally } from "../../../editors/vscode/src/runs.ts";
import { whoAnswers } from "../../../editors/vscode/src/who.ts";

const started = {
  seq: 1,
  event: "run_started",
  sections: [
    { branch: "depth", title: "Depth" },
    { branch: "time", title: "Time" },
  ],
};
const ended = (seq, branch, outcome) => ({ seq, event: "branch_ended", branch, outcome });

export async function pure(test) {
  await test("who will be asked is known from the server, and better from the latest run", () => {
    const who = (next, last) => {
      const { model, at } = whoAnswers(next && { provider: "", model: "", ...next }, last);
      return [model, typeof at === "string" ? at : at.host].join(" · ");
    };
    assert.equal(who(undefined), " · unknown", "nothing is claimed before the server has told");
    assert.equal(who({ kind: "unusable" }), " · unknown");
    assert.equal(who({ kind: "auto" }), " · auto");
    assert.equal(who({ kind: "server", provider: "api.openai.com", model: "gpt-5" }), "gpt-5 · api.openai.com");
    assert.deepEqual([who({ kind: "worksheet", model: "x" }), who({ kind: "local", model: "大きい" })], [" · worksheet", "大きい · local"]);
    assert.equal(who({ kind: "auto" }, { provider: "Ollama (127.0.0.1:11434)", model: "llama3.2" }), "llama3.2 · Ollama (127.0.0.1:11434)");
  });

  await test("marks are kept by their items, and go with a new answer", () => {
    const marked = (seq, line, mark, text = "- a") => ({ seq, event: "marked", branch: "depth", item: { line, text }, ...(mark && { mark }) });
    const runs = new Runs();
    runs.take("r", [started, { seq: 2, event: "delta", branch: "depth", text: "x" }, marked(3, 4, "drop", "- 二行の\n  項目"), marked(4, 0, "keep")]);
    const marks = () => runs.get("r").sections[0].marks.map(({ line, end, mark }) => [line, end, mark]);
    assert.deepEqual(marks(), [[0, 1, "keep"], [4, 6, "drop"]]);
    runs.take("r", [marked(5, 0)]);
    assert.deepEqual(marks(), [[4, 6, "drop"]]);
    runs.take("r", [{ seq: 6, event: "branch_started", branch: "depth" }, { seq: 7, event: "delta", branch: "depth", text: "y" }]);
    assert.deepEqual(marks(), []);
  });

  await test("the runs that a server leaves alive are named, and taken again keep their place", () => {
    const runs = new Runs();
    runs.take("left", [started, { seq: 2, event: "branch_started", branch: "depth" }]);
    runs.take("whole", [started, { seq: 2, event: "run_ended", outcome: "done" }]);
    assert.deepEqual(runs.end(), ["left"]);
    assert.deepEqual([runs.alive(), runs.end()], [[], []]);
    assert.deepEqual(runs.get("left").sections.map(({ outcome }) => outcome), ["cut_off", "cut_off"]);
    runs.again("left", [
      started,
      ended(2, "depth", "cut_off"),
      ended(3, "time", "cut_off"),
      { seq: 4, event: "run_ended", outcome: "partial" },
    ]);
    const { alive, next, sections } = runs.get("left");
    assert.deepEqual([alive, next, sections.map(({ outcome }) => outcome)], [false, 5, ["cut_off", "cut_off"]]);
    assert.equal(runs.latest().id, "whole");
  });

  await test("lines that say that a section is alive are told from answers and from sections that are over", () => {
    const sections = [
      ["## Focus", "", "_… waiting for the views · 2 of 4_", ""],
      ["## Depth", "", "_… quoted_", "", "answer", "", "```", "code", "```", "", "_… writing_", ""],
      ["## Breadth", "", "↻ Retrying in 1.5 s (attempt 2). Busy.", ""],
      ["## 構造", "", "↻ 1.5 秒後にもう一度送ります（2 回目）。混んでいます。", ""],
      ["## Time", "", "answer", "", "`model` · 1.0 s", "", "↻ Outdated: Depth changed after this was written. Retry this section to update it.", ""],
      ["## Other", "", "_Not written yet. Retry this section to write it from the views._", ""],
      ["## 視点", "", "_… 考えています · 12 字_"],
    ];
    const lines = sections.flat();
    assert.deepEqual(
      aliveLines(lines.join("\n")).map((at) => lines[at]),
      [sections[0][2], sections[1][10], sections[2][2], sections[3][2], sections[6][2]],
    );
    assert.deepEqual([aliveLines(""), aliveLines("# Title\r\n\r\n_… writing_\r\n")], [[], [2]]);
  });

  await test("a run is folded from its events, each taken once", () => {
    const runs = new Runs();
    assert.equal(runs.take("r", [started, { seq: 2, event: "branch_started", branch: "depth" }]).length, 2);
    assert.deepEqual(tally(runs.alive()), { over: 0, all: 2 });
    assert.deepEqual(runs.take("r", [started]), []);
    runs.take("r", [ended(3, "depth", "done"), ended(4, "time", "failed")]);
    assert.deepEqual(tally(runs.alive()), { over: 2, all: 2 });
    runs.take("r", [{ seq: 5, event: "run_ended", outcome: "partial" }]);
    assert.deepEqual(runs.alive(), []);
    assert.equal(runs.latest().sections[1].outcome, "failed");
  });

  await test("a section that is asked anew makes its run alive again", () => {
    const runs = new Runs();
    runs.take("r", [started, ended(2, "depth", "failed"), { seq: 3, event: "run_ended", outcome: "partial" }]);
    runs.take("r", [{ seq: 4, event: "branch_queued", branch: "depth" }]);
    assert.equal(runs.alive().length, 1, "it waits for its turn");
    runs.take("r", [{ seq: 5, event: "branch_started", branch: "depth" }]);
    assert.equal(runs.alive().length, 1);
    assert.equal(runs.get("r").sections[0].outcome, undefined);
  });

  await test("a section that is added later makes its run alive again, and is no view", () => {
    const runs = new Runs();
    const added = { event: "section_added", section: { branch: "why", title: "Why?", role: "follow_up" }, after: "depth" };
    runs.take("r", [started, ended(2, "depth", "done"), ended(3, "time", "done")]);
    runs.take("r", [{ seq: 4, event: "run_ended", outcome: "done" }, { seq: 5, ...added }, { seq: 6, ...added }]);
    assert.deepEqual([runs.alive().length, tally(runs.alive())], [1, { over: 2, all: 3 }]);
    assert.equal(runs.get("r").sections[2].role, "follow_up");
  });

  await test("a missing event is told by its number, and nothing behind it is taken", () => {
    const runs = new Runs();
    runs.take("r", [started]);
    assert.deepEqual(runs.take("r", [ended(3, "depth", "done")]), { missingFrom: 2 });
    assert.equal(runs.get("r").sections[0].outcome, undefined);
  });

  await test("old runs are forgotten, a live one never", () => {
    const runs = new Runs();
    runs.take("alive", [started]);
    for (let n = 0; n < 100; n += 1) {
      runs.take(`r${n}`, [started, { seq: 2, event: "run_ended", outcome: "done" }]);
    }
    assert.equal(runs.get("r0"), undefined);
    assert.ok(runs.get("r99"));
    assert.ok(runs.get("alive"));
  });

  const withFocus = { ...started, sections: [{ branch: "focus", title: "Focus", role: "focus" }, ...started.sections] };
  /** A run with a focus that has taken these events. */
  const after = (...events) => {
    const runs = new Runs();
    const stamped = events.map((event, at) => ({ seq: at + 2, ...event }));
    runs.take("r", [withFocus, ...stamped]);
    return { run: runs.get("r"), brings: bringFocus(runs.get("r"), stamped.slice(-1)) };
  };
  const begun = (branch) => ({ event: "branch_started", branch });
  const text = (branch) => ({ event: "delta", branch, text: "x" });
  const over = (branch, outcome = "done") => ({ event: "branch_ended", branch, outcome });
  const all = (branch) => [begun(branch), text(branch), over(branch)];

  await test("a focus is a section as any other, and its first completion is told once", () => {
    const { run, brings } = after(...all("depth"), ...all("time"), ...all("focus"));
    assert.deepEqual(run.sections.map(({ role }) => role), ["focus", "view", "view"]);
    assert.deepEqual(tally([run]), { over: 3, all: 3 });
    assert.equal(brings, true);
    assert.equal(after(...all("depth"), ...all("focus"), ...all("time")).brings, false, "a view's end");
    assert.equal(after(...all("depth"), begun("focus"), over("focus", "failed")).brings, false);
    assert.equal(after(over("focus", "on_demand"), ...all("depth"), ...all("focus")).brings, false, "asked for by hand");
    assert.equal(after(...all("depth"), ...all("focus"), ...all("focus")).brings, false, "asked anew");
  });

  await test("a focus is older than a view that brings text after it was begun", () => {
    const older = (...events) => after(...events).run.sections[0].older;
    const whole = [...all("depth"), ...all("time"), ...all("focus")];
    assert.deepEqual(older(...whole), []);
    assert.deepEqual(older(...whole, ...all("time"), ...all("depth"), ...all("time")), ["Time", "Depth"]);
    assert.deepEqual(older(...whole, begun("time"), over("time", "failed")), []);
    assert.deepEqual(older(...whole, begun("time"), text("time"), { event: "retracted", branch: "time" }, over("time")), []);
    assert.deepEqual(older(...whole, ...all("time"), begun("focus")), []);
    assert.deepEqual(older(...all("depth"), begun("time"), text("time"), begun("focus"), over("time")), ["Time"]);
  });

  await test("the views' headings are folded for a reader above them, once the editor is as far as the server", () => {
    const text = "# T\n\n## Focus\n\nF\n\n## Depth\n\nD\n\n## Time\n\nT\n";
    const sections = [["depth", 6], ["time", 10]].map(([branch, line]) => ({ branch, line }));
    const lines = (shown, place) => linesToFold({ text, sections }, shown, { top: 0, cursor: 0, ...place });
    assert.deepEqual(lines(text), [6, 10]);
    assert.deepEqual(lines(text.replaceAll("\n", "\r\n"), { top: 5, cursor: 5 }), [6, 10]);
    assert.deepEqual(lines(`${text}more\n`), [6, 10], "what comes below the last heading moves none");
    assert.equal(lines(text.replace("F\n", "")), undefined, "not as far");
    assert.deepEqual([lines(text, { top: 6 }), lines(text, { cursor: 7 })], [[], []], "in a view");
    assert.deepEqual(linesToFold({ text, sections: [] }, text, { top: 9, cursor: 9 }), [], "no views");
  });

  await test("a reader is followed who went to the end, until they scroll up", () => {
    const look = (top, bottom, lines, cursor = 0, moved = false) => ({ top, bottom, lines, cursor, moved });
    let reader = read(undefined, look(0, 9, 10));
    assert.equal(reader.following, false, "a panel that fits is no wish to follow");
    reader = read(reader, look(0, 30, 60));
    reader = read(reader, look(29, 59, 60));
    assert.equal(reader.following, true, "scrolled to the end");
    reader = read(reader, look(29, 59, 70));
    assert.equal(reader.following, true, "the text grew, the reader did not move");
    reader = read(reader, look(20, 50, 70));
    assert.equal(reader.following, false, "scrolled up");
    reader = read(reader, look(39, 69, 70, 0, true));
    assert.equal(reader.following, false, "moved by an edit that was under way");
    reader = read(reader, look(20, 50, 80, 79));
    assert.equal(reader.following, false, "the end is out of sight");
    assert.equal(read(undefined, look(0, 9, 10, 9)).following, true, "the cursor is on the last line");
  });

  await test("what is read stays where it is seen while text above it changes", () => {
    const { at, put, sight, hold } = held(40, 60);
    const moved = (changes, now) => hold.change(changes, now);
    assert.equal(moved(put(at(50), "below\n"), 1_000), undefined, "in sight, and not above it");
    assert.deepEqual(moved(put(at(10), "one\ntwo\n"), 1_000), { show: at(73), as: "bottom" });
    assert.equal(hold.look(sight(40), 1_010), undefined, "as the change left it");
    // The editor leaves five rows below what it is asked to show, and as many above.
    assert.deepEqual(hold.look(sight(47), 1_020), { show: at(47), as: "top" });
    assert.equal(hold.look(sight(42), 1_030), undefined, "where it was");
    assert.deepEqual(moved(put(at(10), "more\n"), 2_000), { show: at(48), as: "top" });
    hold.look(sight(42), 2_010);
    hold.look(sight(43), 2_020);
    assert.deepEqual(moved(put(at(10), "wrapped ".repeat(20)), 2_100), { show: at(48), as: "top" });
    assert.equal(hold.look(sight(37), 2_110), undefined, "a long line takes many rows");
    hold.look(sight(43), 2_120);
    assert.deepEqual(moved([{ start: at(3), end: at(9), text: "" }], 3_000), { show: at(42), as: "top" }, "lines go");
    hold.look(sight(37), 3_010);
    assert.deepEqual(moved([...put(at(50), "in sight\n"), ...put(at(1), "a\n")], 4_000), { show: at(43), as: "top" });
    hold.look(sight(38), 4_010);
    assert.deepEqual(moved([{ start: at(30), end: at(60), text: "one\ntwo" }], 5_000), { show: at(31), as: "top" }, "it goes itself");
  });

  await test("a reader who scrolls is left alone, and held again where they stop", () => {
    const { put, at, sight, hold } = held(20, 0);
    const grow = (now) => hold.change(put(at(1), "more\n"), now)?.show.line;
    assert.equal(grow(1_000), 52, "the last line that was in sight, one further");
    hold.look(sight(30), 1_200);
    assert.equal(grow(1_240), undefined);
    assert.equal(grow(1_600), 63, "with what came while they scrolled");
    hold.look(sight(12), 2_000);
    assert.equal(grow(2_400), 44, "up as well");
    hold.look({ ...sight(12), bottom: at(50) }, 2_600);
    assert.equal(grow(2_610), 45, "what is shown further down is no scrolling");
    hold.look(sight(0), 3_000);
    assert.equal(grow(9_000), undefined, "at the beginning the new is seen");
  });

  await test("a section is answered once it is over and has text, be it of an attempt before", () => {
    const runs = new Runs();
    const answered = () => runs.get("r").sections.map(isAnswered);
    const start = (seq, model) => ({ seq, event: "branch_started", branch: "depth", model });
    runs.take("r", [started, start(2, "small"), { seq: 3, event: "delta", branch: "depth", text: "x" }]);
    assert.deepEqual(answered(), [false, false]);
    runs.take("r", [ended(4, "depth", "cut_off"), ended(5, "time", "failed")]);
    assert.deepEqual(answered(), [true, false]);
    runs.take("r", [start(6, "大きい"), ended(7, "depth", "failed")]);
    assert.deepEqual(answered(), [true, false], "the text of before stays");
    runs.take("r", [start(8, "大きい"), { seq: 9, event: "retracted", branch: "depth", chars: 1 }, ended(10, "depth", "failed")]);
    assert.deepEqual(answered(), [false, false]);
    assert.deepEqual(modelsOf(runs.get("r").sections), ["大きい"]);
  });

  await test("in a list, a text that looks like an icon stands as it is", () => {
    assert.equal(withoutIcons("BACKUP=$(date) $(sync~spin)"), "BACKUP=\\$(date) \\$(sync~spin)");
    assert.equal(withoutIcons("$(date +%F) $HOME $()"), "$(date +%F) $HOME $()", "what is no icon's name is drawn as it is");
  });

  await test("saved runs make a tree in their order, whatever their parents are", () => {
    const saved = (run, parent) => ({ run, parent });
    const shape = (nodes) => nodes.map(({ saved: { run }, children }) => [run, ...shape(children)]);
    assert.deepEqual(shape(treeOf([saved("c", "b"), saved("e", "gone"), saved("b", "a"), saved("d", "a"), saved("a", null)])), [
      ["e"],
      ["a", ["b", ["c"]], ["d"]],
    ]);
    // A broken journal hides no run.
    assert.deepEqual(shape(treeOf([saved("a", "b"), saved("b", "a"), saved("c", "c"), saved("d", "a")])), [["a", ["d"]], ["b"], ["c"]]);
    assert.deepEqual(shape(treeOf([saved("a"), saved("b")])), [["a"], ["b"]]);
  });

  await test("saved runs are read on from where a search ended, and again as far as they were read", async () => {
    const saved = ["e", "d", "c", "b", "a"];
    const asked = [];
    const read = async (before) => {
      asked.push(before);
      const from = before === undefined ? 0 : saved.indexOf(before) + 1;
      const runs = saved.slice(from, from + 2).map((run) => ({ run }));
      return from + 2 < saved.length ? { runs, next: saved[from + 1] } : { runs };
    };
    const names = (pages) => pages.flatMap(({ runs }) => runs).map(({ run }) => run).join("");
    const first = await readPages(read, []);
    const second = await readPages(read, first, true);
    assert.deepEqual([names(first), nextOf(first), names(second), nextOf(second)], ["ed", "d", "edcb", "b"]);
    assert.deepEqual(asked.splice(0), [undefined, "d"], "what is known is not read again for more");
    const all = await readPages(read, second, true);
    assert.deepEqual([names(all), nextOf(all), asked.splice(0)], ["edcba", undefined, ["b"]]);
    saved.unshift("f");
    assert.deepEqual([names(await readPages(read, second)), asked.splice(0)], ["fedc", [undefined, "e"]]);
    saved.splice(0);
    assert.deepEqual(names(await readPages(read, all)), "", "no more than there is");
  });

  await test("a saved run's place and file name are ones that people read", () => {
    const place = (uri, from, to, character) =>
      placeOf({ source: { uri, range: { start: { line: from }, end: { line: to, character } } } });
    assert.equal(place("file:///a/%E8%AA%B2%E9%A1%8C.md", 2, 5, 0), "課題.md:3–5");
    assert.equal(place("file:///a/100%.md", 2, 2, 4), "100%.md:3");
    assert.equal(place("untitled:Untitled-1", 0, 1, 0), "Untitled-1:1");
    assert.equal(fileName("解像度 · 会議/長い: なぜ?"), "解像度 · 会議 長い なぜ.md");
    assert.deepEqual([fileName("../.."), fileName(""), fileName("..")].map((name) => name.startsWith(".")), [false, false, false]);
  });
}

/** A view of 31 lines whose first is this one. */
function held(line, character) {
  const at = (n, c = 0) => ({ line: n, character: c });
  const sight = (n) => ({ top: at(n), bottom: at(n + 31) });
  const put = (place, text) => [{ start: place, end: place, text }];
  return { at, sight, put, hold: new Hold({ top: at(line, character), bottom: at(line + 31) }, 0) };
}
