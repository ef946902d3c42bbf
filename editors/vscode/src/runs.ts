// The runs that the server has told about, folded from their events. Pure: no editor, no clock.

import type { RunEvent } from "./events.js";

export interface Section {
  branch: string;
  title: string;
  /** How it ended; `undefined` while it is alive. */
  outcome: string | undefined;
}

export interface Run {
  readonly id: string;
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

  latest(): Run | undefined {
    return [...this.runs.values()].at(-1);
  }

  /** The server is gone, and with it every run that was alive: their ids. */
  end(): string[] {
    const left = this.alive();
    for (const run of left) {
      run.alive = false;
    }
    return left.map(({ id }) => id);
  }

  /** Takes a run from its first event again, in its place among the others. */
  again(id: string, events: readonly RunEvent[]): void {
    this.runs.set(id, { id, next: 1, sections: [], alive: true });
    this.take(id, events);
  }

  private begin(id: string): Run {
    const run: Run = { id, next: 1, sections: [], alive: true };
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
      run.sections = event.sections.map(({ branch, title }) => ({ branch, title, outcome: undefined }));
      run.alive = true;
      break;
    case "branch_queued":
    case "branch_started":
      setOutcome(run, event.branch, undefined);
      run.alive = true;
      break;
    case "branch_ended":
      setOutcome(run, event.branch, event.outcome);
      break;
    case "run_ended":
      run.alive = false;
      break;
    default:
  }
}

function setOutcome(run: Run, branch: string, outcome: string | undefined): void {
  const section = run.sections.find((section) => section.branch === branch);
  if (section !== undefined) {
    section.outcome = outcome;
  }
}

/** How many sections of the runs are over, and how many there are. */
export function tally(runs: readonly Run[]): { over: number; all: number } {
  const sections = runs.flatMap((run) => run.sections);
  return { over: sections.filter((section) => section.outcome !== undefined).length, all: sections.length };
}
