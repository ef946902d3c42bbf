/**
 * A run as the grid shows it: a pure fold over the run's events.
 *
 * Both sides fold: the extension, to have the whole when the page is shown again, and the page.
 * A fold copies what it changes and shares the rest, so a pane that is the same object is unchanged.
 */

import type { Event, Outcome, Stamped, Usage } from "./events.js";

export type State =
  /** Its request has not left. */
  | { kind: "queued" }
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
  /** Ended, but not complete; the sentence says why. */
  | { kind: "broken"; outcome: Outcome; message: string }
  /** Stopped by the user. */
  | { kind: "stopped" };

export interface Pane {
  readonly branch: string;
  readonly title: string;
  readonly state: State;
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
  readonly cost: { usage: Usage | undefined; elapsedMs: number; note: string } | undefined;
}

export interface Run {
  readonly panes: readonly Pane[];
  readonly lang: string;
  readonly provider: string;
  /** Where the text came from: `notes.md:3–5`. */
  readonly origin: string;
  /** What the reader should know of how the run was made. */
  readonly notes: readonly string[];
  /** The place of the event that is waited for. */
  readonly next: number;
  /** Events that came before an earlier one, in their order. */
  readonly held: readonly Stamped[];
}

export const empty: Run = { panes: [], lang: "", provider: "", origin: "", notes: [], next: 1, held: [] };

/** Most sentences on how one section was asked. */
const NOTES_AT_MOST = 8;

/** More events than this are not held behind a gap: what is missing is given up. */
const HELD_AT_MOST = 4096;

/** The pane may still change by itself. */
export function isAlive({ state }: Pane): boolean {
  return state.kind !== "done" && state.kind !== "broken" && state.kind !== "stopped";
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
  const state: State = { kind: "broken", outcome: "cut_off", message };
  return { ...run, panes: run.panes.map((pane) => (isAlive(pane) ? { ...pane, state } : pane)) };
}

function step(run: Run, event: Event): Run {
  switch (event.event) {
    case "run_started": {
      if (run.panes.length > 0) {
        return run;
      }
      const { lang, provider, origin, notes } = event;
      return { ...run, lang, provider, origin, notes, panes: event.sections.map(pane) };
    }
    case "run_ended":
    case "unknown":
      return run;
    default: {
      const panes = run.panes.map((p) => (p.branch === event.branch ? change(p, event) : p));
      return { ...run, panes };
    }
  }
}

function pane({ branch, title }: { branch: string; title: string }): Pane {
  const state: State = { kind: "queued" };
  return { branch, title, state, model: "", text: "", generation: 0, anew: false, cost: undefined };
}

type OfBranch = Extract<Event, { branch: string }>;

function change(pane: Pane, event: OfBranch): Pane {
  switch (event.event) {
    case "branch_queued":
      return { ...pane, state: { kind: "queued" }, anew: pane.anew || !isAlive(pane), cost: undefined };
    case "branch_started": {
      const anew = pane.anew || !isAlive(pane);
      const { asked: _, ...rest } = pane;
      return { ...rest, state: { kind: "waiting" }, model: event.model, anew, cost: undefined };
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
      return { ...pane, state, text: "", anew: false, generation: pane.generation + 1 };
    }
    case "branch_retrying": {
      const { attempt, afterMs, message } = event;
      // One that was queued meanwhile leaves now.
      return afterMs === 0
        ? { ...pane, state: { kind: "waiting" } }
        : { ...pane, state: { kind: "retrying", attempt, afterMs, message } };
    }
    case "branch_ended": {
      const { outcome, message, usage, elapsedMs, note } = event;
      return { ...pane, state: end(outcome, message), cost: { usage, elapsedMs, note } };
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
    ? { ...pane, state, text, anew: false, generation: pane.generation + 1 }
    : { ...pane, state, text: pane.text + text };
}

function end(outcome: Outcome, message: string): State {
  switch (outcome) {
    case "done":
      return { kind: "done" };
    case "cancelled":
      return { kind: "stopped" };
    default:
      return { kind: "broken", outcome, message };
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
