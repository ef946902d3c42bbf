// The runs that the server has told about, folded from their events. Pure: no editor, no clock.

import type { ItemMarked, RunEvent, SectionTitle } from "./events.js";

export interface Section {
  branch: string;
  title: string;
  /** The focus is written from the views; a follow-up goes on from another section. */
  role: "view" | "focus" | "follow_up";
  /** How it ended; `undefined` while it is alive. */
  outcome: string | undefined;
  /** Its request has left, now or before. */
  begun: boolean;
  /** Text has come since its request last left. */
  written: boolean;
  /** There is an answer, or the beginning of one, be it of an earlier attempt. */
  hasText: boolean;
  /** The model that was asked last; empty where none was, or its name is not known. */
  model: string;
  /** How often it has ended. */
  ends: number;
  /** Of a focus: the titles of views that have come since it was begun. */
  older: readonly string[];
  /** The reader's marks, by their lines. */
  marks: readonly Marked[];
}

/** A mark on the item of the lines from `line` until `end`. */
export interface Marked {
  line: number;
  end: number;
  mark: "keep" | "drop" | "comment";
  comment: string;
}

export interface Run {
  readonly id: string;
  /** Who was asked, as the server names them. */
  provider: string;
  /** The run whose answer it asks about; empty if it asks about a document. */
  parent: string;
  /** The number of the next event. */
  next: number;
  sections: Section[];
  alive: boolean;
}

/** How many runs are remembered: enough to ask a section of an earlier one anew. */
const KEPT = 32;

export class Runs {
  private readonly runs = new Map<string, Run>();

  /**
   * Takes events in order and returns those that are new, or the number from which events are missing.
   */
  take(id: string, events: readonly RunEvent[]): RunEvent[] | { missingFrom: number } {
    const run = this.runs.get(id) ?? this.begin(id);
    const fresh = events.filter((event) => event.seq >= run.next);
    const first = fresh[0];
    if (first !== undefined && first.seq > run.next) {
      return { missingFrom: run.next };
    }
    for (const event of fresh) {
      run.next = event.seq + 1;
      fold(run, event);
    }
    return fresh;
  }

  get(id: string): Run | undefined {
    return this.runs.get(id);
  }

  alive(): Run[] {
    return [...this.runs.values()].filter((run) => run.alive);
  }

  all(): Run[] {
    return [...this.runs.values()];
  }

  latest(): Run | undefined {
    return this.all().at(-1);
  }

  /** The server is gone, and with it every run that was alive, cut off: their ids. */
  end(): string[] {
    const left = this.alive();
    for (const run of left) {
      run.alive = false;
      for (const section of run.sections) {
        section.outcome ??= "cut_off";
      }
    }
    return left.map(({ id }) => id);
  }

  /** Takes a run from its first event again, in its place among the others. */
  again(id: string, events: readonly RunEvent[]): void {
    this.runs.set(id, { id, provider: "", parent: "", next: 1, sections: [], alive: true });
    this.take(id, events);
  }

  private begin(id: string): Run {
    const run: Run = { id, provider: "", parent: "", next: 1, sections: [], alive: true };
    this.runs.set(id, run);
    for (const [old, { alive }] of this.runs) {
      if (this.runs.size > KEPT && !alive) {
        this.runs.delete(old);
      }
    }
    return run;
  }
}

function fold(run: Run, event: RunEvent): void {
  switch (event.event) {
    case "run_started":
      run.sections = event.sections.map(section);
      run.provider = event.provider ?? "";
      run.parent = event.origin?.run ?? "";
      run.alive = true;
      break;
    case "section_added":
      // Their order shows nowhere here.
      if (run.sections.length > 0 && !run.sections.some(({ branch }) => branch === event.section.branch)) {
        run.sections.push(section(event.section));
        run.alive = true;
      }
      break;
    case "branch_queued":
      change(run, event.branch, () => ({ outcome: undefined }));
      run.alive = true;
      break;
    case "branch_started":
      change(run, event.branch, () => {
        return { outcome: undefined, begun: true, written: false, older: [], model: event.model ?? "" };
      });
      run.alive = true;
      break;
    case "delta":
    case "retracted":
      change(run, event.branch, ({ written, marks }) => {
        const isText = event.event === "delta";
        // A new answer has no marks yet.
        return { written: isText, hasText: isText, marks: isText && written ? marks : [] };
      });
      break;
    case "marked":
      change(run, event.branch, ({ marks }) => ({ marks: mark(marks, event) }));
      break;
    case "branch_ended":
      change(run, event.branch, ({ ends }) => ({ outcome: event.outcome, ends: ends + 1 }));
      outdate(run, event.branch);
      break;
    case "run_ended":
      run.alive = false;
      break;
    default:
  }
}

function section({ branch, title, role }: SectionTitle): Section {
  const blank = { outcome: undefined, begun: false, written: false, hasText: false, model: "", ends: 0, older: [], marks: [] };
  return { branch, title, role: role === "focus" || role === "follow_up" ? role : "view", ...blank };
}

function change(run: Run, branch: string, to: (section: Section) => Partial<Section>): void {
  const section = run.sections.find((section) => section.branch === branch);
  if (section !== undefined) {
    Object.assign(section, to(section));
  }
}

function mark(marks: readonly Marked[], { item, mark, comment }: ItemMarked): Marked[] {
  const { line, text } = item;
  const others = marks.filter((known) => known.line !== line);
  const end = line + text.split(/\r\n?|\n/).length;
  const all = mark === undefined ? others : [...others, { line, end, mark, comment: comment ?? "" }];
  return all.sort((a, b) => a.line - b.line);
}

/** A focus that has begun is older than a view that comes after it; the server's panel has the same rule. */
function outdate(run: Run, branch: string): void {
  const view = run.sections.find((section) => section.branch === branch);
  if (view?.role !== "view" || !view.written) {
    return;
  }
  for (const focus of run.sections.filter(({ role, begun }) => role === "focus" && begun)) {
    focus.older = [...new Set([...focus.older, view.title])];
  }
}

/** Whether these events, the latest of a run, have brought its focus for the first time. */
export function bringFocus({ sections }: Run, events: readonly RunEvent[]): boolean {
  const focus = sections.find(({ role }) => role === "focus");
  const ended = events.some((event) => event.event === "branch_ended" && event.branch === focus?.branch);
  return ended && focus?.outcome === "done" && focus.ends === 1;
}

/** How many sections of the runs are over, and how many there are. */
export function tally(runs: readonly Run[]): { over: number; all: number } {
  const sections = runs.flatMap((run) => run.sections);
  return { over: sections.filter((section) => section.outcome !== undefined).length, all: sections.length };
}
