// What the server tells about a run while it is alive (PROTOCOL.md, Events): the members that this extension reads.

export interface SectionTitle {
  branch: string;
  title: string;
  /** Without a role it is a view. */
  role?: string;
}

export interface RunStarted {
  event: "run_started";
  sections: SectionTitle[];
  /** Who is asked, as the server names them. */
  provider?: string;
  /** The passage of an earlier answer that the run asks about. */
  origin?: { run: string };
}

/** A section of its own, below the one that it goes on from. */
export interface SectionAdded {
  event: "section_added";
  section: SectionTitle;
}

/** A branch is alive: in the line, or on its way. */
export interface BranchBegun {
  event: "branch_queued" | "branch_started";
  branch: string;
  /** Of a `branch_started`. */
  model?: string;
}

/** Text of a branch has come, or what had come was none. */
export interface BranchWritten {
  event: "delta" | "retracted";
  branch: string;
}

export interface BranchEnded {
  event: "branch_ended";
  branch: string;
  outcome: string;
}

/** The reader has marked an item; without a mark, its own has gone. */
export interface ItemMarked {
  event: "marked";
  branch: string;
  item: { line: number; text: string };
  mark?: "keep" | "drop" | "comment";
  comment?: string;
}

export interface RunEnded {
  event: "run_ended";
  outcome: string;
}

export type RunEvent = { seq: number } & (
  | RunStarted
  | SectionAdded
  | BranchBegun
  | BranchWritten
  | BranchEnded
  | ItemMarked
  | RunEnded
  | { event: "other" }
);

/** A progress value that carries events. */
export interface Report {
  run: string;
  events: RunEvent[];
}

/** The events in a progress value, where it carries any. */
export function reportOf(value: unknown): Report | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { run, events } = value as Record<string, unknown>;
  return typeof run === "string" && Array.isArray(events) ? { run, events: events as RunEvent[] } : undefined;
}
