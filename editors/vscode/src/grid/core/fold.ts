/**
 * A run as the grid shows it: a pure fold over the run's events.
 *
 * Both sides fold: the extension, to have the whole when the page is shown again, and the page.
 * A fold copies what it changes and shares the rest, so a pane that is the same object is unchanged.
 */

import type { Event, Failure, Mark, Outcome, Role, Section, Stamped, Total, Usage } from "./events.js";

export type State =
  /** A focus that waits for the views: so many have ended, of so many. */
  | { kind: "gathering"; ended: number; of: number }
  /** Its request has not left. */
  | { kind: "queued"; waitsFor: string }
  /** Its request has left and nothing has come. */
  | { kind: "waiting" }
  /** Reasoning text has come: so many characters. */
  | { kind: "thinking"; chars: number }
  /** Answer text has come: so many characters. */
  | { kind: "writing"; chars: number }
  /** An attempt failed; the next one leaves after the wait. */
  | { kind: "retrying"; attempt: number; afterMs: number; message: string }
  /** The model finished. */
  | { kind: "done" }
  /** Ended, but not complete; the sentence says why, and the failure's kind of what sort it is. */
  | { kind: "broken"; outcome: Outcome; failure: string; message: string }
  /** Stopped by the user. */
  | { kind: "stopped" }
  /** A focus that is left until the user asks for it. */
  | { kind: "on_demand" };

export interface Pane {
  readonly branch: string;
  readonly title: string;
  readonly role: Role;
  /** The section that it goes on from; none for one that the run began with. */
  readonly after?: string;
  readonly state: State;
  /** Its request has left, now or before. */
  readonly begun: boolean;
  /** How often it has ended: once, unless it was asked anew. */
  readonly ends: number;
  /** The titles of views that have come since a focus was begun: it is older than they are. */
  readonly older: readonly string[];
  readonly model: string;
  /** The answer, raw as the model wrote it. */
  readonly text: string;
  /** Grows when the text is begun anew; within one generation the text only grows. */
  readonly generation: number;
  /** A retry has begun and no text of it has come: the earlier answer still stands. */
  readonly anew: boolean;
  /** How the answer is asked for, where that shows in it; none where there is nothing to know. */
  readonly asked?: readonly string[];
  /** What it cost; known when it is over. */
  readonly cost: Cost | undefined;
  /** The reader's marks, by the lines of their items. */
  readonly marks: readonly Mark[];
}

export interface Cost {
  readonly usage: Usage | undefined;
  /** In US dollars; not there where it is not known. */
  readonly dollars: number | undefined;
  readonly elapsedMs: number;
  readonly note: string;
}

export interface Run {
  readonly panes: readonly Pane[];
  readonly lang: string;
  readonly provider: string;
  /** The built-in worksheet answers. */
  readonly withoutModel: boolean;
  /** Where the text came from: `notes.md:3–5`. */
  readonly origin: string;
  /** What the reader should know of how the run was made. */
  readonly notes: readonly string[];
  /** When it was begun, as the server wrote it. */
  readonly at: string;
  /** The run whose answer it asks about; empty where it asks about a document. */
  readonly parent: string;
  /** What it came to; not there while something is asked. */
  readonly total: Total | undefined;
  /** The place of the event that is waited for. */
  readonly next: number;
  /** Events that came before an earlier one, in their order. */
  readonly held: readonly Stamped[];
}

export const empty: Run = { panes: [], lang: "", provider: "", withoutModel: false, origin: "", notes: [], at: "", parent: "", total: undefined, next: 1, held: [] };

/** Most sentences on how one section was asked. */
const NOTES_AT_MOST = 8;

/** More events than this are not held behind a gap: what is missing is given up. */
const HELD_AT_MOST = 4096;

/** The pane may still change by itself. */
export function isAlive({ state }: Pane): boolean {
  return !["done", "broken", "stopped", "on_demand"].includes(state.kind);
}

/** The focus is complete, and was never asked anew. */
export function isFirstFocus({ role, state, ends }: Pane): boolean {
  return role === "focus" && state.kind === "done" && ends === 1;
}

/**
 * Takes events, in any order and any number of times: each counts once and in its place. Those
 * behind a gap are held until it is mended or given up ({@link release}).
 */
export function fold(run: Run, events: readonly Stamped[]): Run {
  const fresh = events.filter((event) => event.seq >= run.next);
  if (fresh.length === 0) {
    return run;
  }
  const line = [...run.held, ...fresh];
  if (line.some((event, i) => i > 0 && event.seq <= (line[i - 1]?.seq ?? 0))) {
    line.sort((a, b) => a.seq - b.seq);
  }
  let { next } = run;
  let changed = run;
  const held: Stamped[] = [];
  for (const event of line) {
    if (event.seq === next) {
      changed = step(changed, event);
      next += 1;
    } else if (event.seq > next && event.seq !== held[held.length - 1]?.seq) {
      held.push(event);
    }
  }
  changed = { ...changed, next, held };
  return held.length > HELD_AT_MOST ? release(changed) : changed;
}

/** Gives up what is missing before the held events, and takes these. */
export function release(run: Run): Run {
  let changed = run;
  while (changed.held[0] !== undefined) {
    const [first, ...rest] = changed.held;
    changed = fold({ ...changed, next: first.seq, held: [] }, [first, ...rest]);
  }
  return changed;
}

/** The run without its server: what is alive was cut off. */
export function cut(run: Run, message: string): Run {
  const state: State = { kind: "broken", outcome: "cut_off", failure: "interrupted", message };
  return { ...run, panes: run.panes.map((pane) => (isAlive(pane) ? { ...pane, state } : pane)) };
}

function step(run: Run, event: Event): Run {
  switch (event.event) {
    case "run_started": {
      if (run.panes.length > 0) {
        return run;
      }
      const { lang, provider, withoutModel, origin, notes, at, parent } = event;
      return { ...run, lang, provider, withoutModel, origin, notes, at, parent, panes: gather(event.sections.map(pane)) };
    }
    case "section_added":
      return { ...run, total: undefined, panes: gather(add(run.panes, { ...pane(event.section), after: event.after })) };
    case "run_ended":
      return { ...run, total: event.total };
    case "unknown":
      return run;
    default: {
      const panes = run.panes.map((p) => (p.branch === event.branch ? change(p, event) : p));
      // What is asked from now on is not in the sum so far.
      const total = event.event === "marked" || event.event === "branch_noted" ? run.total : undefined;
      if (event.event !== "branch_ended") {
        return { ...run, total, panes };
      }
      // What is refused before it is asked ends once more, and brings nothing new.
      const isNew = run.panes.some((p) => p.branch === event.branch && isAlive(p));
      return { ...run, total, panes: isNew ? outdate(gather(panes), event.branch) : gather(panes) };
    }
  }
}

function pane({ branch, title, role }: Section): Pane {
  const state: State = { kind: "queued", waitsFor: "" };
  const blank = { model: "", text: "", generation: 0, anew: false, cost: undefined, marks: [] };
  return { branch, title, role, state, begun: false, ends: 0, older: [], ...blank };
}

/** Adds a pane below the one that it goes on from and all that already do; the server's panel has the same rule. */
function add(panes: readonly Pane[], added: Pane): readonly Pane[] {
  if (panes.length === 0 || panes.some(({ branch }) => branch === added.branch)) {
    return panes;
  }
  const from = panes.findIndex(({ branch }) => branch === added.after);
  const above = new Set([added.after]);
  let at = from < 0 ? panes.length : from + 1;
  for (let below = panes[at]; below?.after !== undefined && above.has(below.after); below = panes[at]) {
    above.add(below.branch);
    at += 1;
  }
  return [...panes.slice(0, at), added, ...panes.slice(at)];
}

/** Tells a focus that has not begun how many views have ended. */
function gather(panes: readonly Pane[]): readonly Pane[] {
  const views = panes.filter(({ role }) => role === "view");
  const ended = views.filter((view) => !isAlive(view)).length;
  return panes.map((pane) => {
    const { kind } = pane.state;
    const waits = pane.role === "focus" && (kind === "gathering" || (kind === "queued" && !pane.begun));
    return waits ? { ...pane, state: { kind: "gathering", ended, of: views.length } } : pane;
  });
}

/** Tells a focus that has begun that a view has come which it does not know. */
function outdate(panes: readonly Pane[], branch: string): readonly Pane[] {
  const view = panes.find((pane) => pane.branch === branch);
  // Text that stands there from before a retry is no news.
  if (view?.role !== "view" || view.text === "" || view.anew) {
    return panes;
  }
  return panes.map((pane) =>
    pane.role === "focus" && pane.begun && !pane.older.includes(view.title)
      ? { ...pane, older: [...pane.older, view.title] }
      : pane,
  );
}

type OfBranch = Extract<Event, { branch: string }>;

function change(pane: Pane, event: OfBranch): Pane {
  switch (event.event) {
    case "branch_queued":
      return { ...pane, state: { kind: "queued", waitsFor: event.waitsFor }, anew: pane.anew || !isAlive(pane), cost: undefined };
    case "branch_started": {
      const anew = pane.anew || !isAlive(pane);
      const { asked: _, ...rest } = pane;
      const { model } = event;
      return { ...rest, state: { kind: "waiting" }, model, begun: true, older: [], anew, cost: undefined };
    }
    case "branch_noted": {
      const asked = (pane.asked ?? []).filter((note) => note !== event.note);
      return { ...pane, asked: [...asked, event.note].slice(-NOTES_AT_MOST) };
    }
    case "thinking": {
      const before = pane.state.kind === "thinking" ? pane.state.chars : 0;
      return { ...pane, state: { kind: "thinking", chars: before + event.chars } };
    }
    case "delta":
      return write(pane, event.text);
    case "retracted": {
      // What was written was reasoning, as only its end showed.
      const state: State = { kind: "thinking", chars: event.chars };
      return { ...pane, state, text: "", marks: [], anew: false, generation: pane.generation + 1 };
    }
    case "branch_retrying": {
      const { attempt, afterMs } = event;
      const { message } = event.failure;
      // One that was queued meanwhile leaves now, and so does one to another model.
      return afterMs === 0
        ? { ...pane, state: { kind: "waiting" }, model: event.model || pane.model }
        : { ...pane, state: { kind: "retrying", attempt, afterMs, message } };
    }
    case "branch_ended": {
      const { outcome, failure, usage, dollars, elapsedMs, note } = event;
      const cost = { usage, dollars, elapsedMs, note };
      return { ...pane, state: end(outcome, failure), ends: pane.ends + 1, cost };
    }
    case "marked": {
      const others = pane.marks.filter(({ line }) => line !== event.line);
      const marks = event.mark === undefined ? others : [...others, event.mark];
      return { ...pane, marks: marks.sort((a, b) => a.line - b.line) };
    }
  }
}

function write(pane: Pane, text: string): Pane {
  if (text === "") {
    return pane;
  }
  const before = pane.state.kind === "writing" ? pane.state.chars : 0;
  const state: State = { kind: "writing", chars: before + characters(text) };
  return pane.anew
    ? { ...pane, state, text, marks: [], anew: false, generation: pane.generation + 1 }
    : { ...pane, state, text: pane.text + text };
}

function end(outcome: Outcome, { kind, message }: Failure): State {
  switch (outcome) {
    case "done":
      return { kind: "done" };
    case "cancelled":
      return { kind: "stopped" };
    case "on_demand":
      return { kind: "on_demand" };
    default:
      return { kind: "broken", outcome, failure: kind, message };
  }
}

/** Counts Unicode scalar values, as the server does. */
function characters(text: string): number {
  let n = 0;
  for (const _ of text) {
    n += 1;
  }
  return n;
}
