/**
 * The journal's events as the grid reads them (PROTOCOL.md, "Events").
 *
 * What arrives is checked once, here: everything behind this file may trust its types. Members and
 * events that are not known are passed over, as the protocol asks of its readers.
 */

/**
 * A view knows nothing of the others; the focus puts the views together, written after them; a further section goes on
 * from another.
 */
export type Role = "view" | "focus" | "follow_up";

export interface Section {
  branch: string;
  title: string;
  role: Role;
}

/** How a branch ended; all but `done`, `cancelled` and `on_demand` (a focus left to the user) come with a reason. */
export type Outcome = "done" | "length" | "filtered" | "cut_off" | "failed" | "cancelled" | "on_demand";

/** Tokens as the provider counted them. */
export interface Usage {
  prompt: number;
  cached: number;
  completion: number;
  reasoning: number;
}

/** What a run came to until now. */
export interface Total {
  requests: number;
  usage: Usage | undefined;
  /** In US dollars; not there where the price is not known. */
  dollars: number | undefined;
  /** Some answer was paid for whose tokens nobody told. */
  atLeast: boolean;
  elapsedMs: number;
}

/** Why a request failed: its kind, and a sentence of the server's. */
export interface Failure {
  kind: string;
  message: string;
}

/** A mark of the reader's on the item of an answer that begins at `line`. */
export interface Mark {
  line: number;
  /** The item, perhaps cut. */
  text: string;
  mark: "keep" | "drop" | "comment";
  /** Empty but for a comment. */
  comment: string;
}

export type Event =
  | {
      event: "run_started";
      at: string;
      /** The run whose answer it asks about; empty where it asks about a document. */
      parent: string;
      sections: Section[];
      lang: string;
      provider: string;
      withoutModel: boolean;
      origin: string;
      notes: string[];
    }
  | { event: "section_added"; section: Section; after: string }
  | { event: "branch_queued"; branch: string; waitsFor: string }
  | { event: "branch_started"; branch: string; model: string }
  | { event: "branch_noted"; branch: string; note: string }
  | { event: "thinking"; branch: string; chars: number }
  | { event: "delta"; branch: string; text: string }
  | { event: "retracted"; branch: string; chars: number }
  | { event: "branch_retrying"; branch: string; attempt: number; afterMs: number; failure: Failure; model: string }
  | {
      event: "branch_ended";
      branch: string;
      outcome: Outcome;
      failure: Failure;
      usage: Usage | undefined;
      /** In US dollars; not there where it is not known. */
      dollars: number | undefined;
      elapsedMs: number;
      note: string;
    }
  /** Without a mark, the item's own goes. */
  | { event: "marked"; branch: string; line: number; mark: Mark | undefined }
  | { event: "run_ended"; total: Total | undefined }
  | { event: "unknown" };

/** An event with its place in the run: 1, 2, 3 … */
export type Stamped = Event & { seq: number };

const outcomes: readonly string[] = ["done", "length", "filtered", "cut_off", "failed", "cancelled", "on_demand"];

/** The event in a JSON value; nothing if it has no place in a run. */
export function readEvent(value: unknown): Stamped | undefined {
  const from = members(value);
  const seq = from["seq"];
  if (typeof seq !== "number" || !Number.isSafeInteger(seq) || seq < 1) {
    return undefined;
  }
  return { seq, ...read(from) };
}

function read(from: Members): Event {
  const branch = text(from["branch"]);
  switch (from["event"]) {
    case "run_started":
      return {
        event: "run_started",
        at: text(from["at"]),
        parent: text(members(from["origin"])["run"]),
        sections: list(from["sections"]).map(section).filter(({ branch }) => branch !== ""),
        lang: text(from["lang"]),
        provider: text(from["provider"]),
        withoutModel: from["without_model"] === true,
        origin: origin(members(from["source"])),
        notes: list(from["notes"]).map(text).filter((note) => note !== ""),
      };
    case "section_added": {
      const added = section(from["section"]);
      return added.branch === ""
        ? { event: "unknown" }
        : { event: "section_added", section: added, after: text(from["after"]) };
    }
    case "branch_queued":
      return { event: "branch_queued", branch, waitsFor: text(from["waits_for"]) };
    case "branch_started":
      return { event: "branch_started", branch, model: text(from["model"]) };
    case "branch_noted":
      return { event: "branch_noted", branch, note: text(from["note"]) };
    case "thinking":
      return { event: "thinking", branch, chars: count(from["chars"]) };
    case "delta":
      return { event: "delta", branch, text: text(from["text"]) };
    case "retracted":
      return { event: "retracted", branch, chars: count(from["chars"]) };
    case "branch_retrying":
      return {
        event: "branch_retrying",
        branch,
        attempt: count(from["attempt"]),
        afterMs: count(from["after_ms"]),
        failure: failure(from["failure"]),
        model: text(from["model"]),
      };
    case "branch_ended":
      return {
        event: "branch_ended",
        branch,
        outcome: outcome(from["outcome"]),
        failure: failure(from["failure"]),
        usage: usage(from["usage"]),
        dollars: amount(from["cost"]),
        elapsedMs: count(from["elapsed_ms"]),
        note: text(from["note"]),
      };
    case "marked":
      return { event: "marked", branch, line: count(members(from["item"])["line"]), mark: mark(from) };
    case "run_ended":
      return { event: "run_ended", total: total(from["total"]) };
    default:
      return { event: "unknown" };
  }
}

/** `notes.md:3–5`: the name of the file and the lines, counted from 1. */
function origin(source: Members): string {
  const path = text(source["uri"]).split(/[?#]/)[0] ?? "";
  // Without the scheme, which is all that stands before the name in `untitled:Untitled-1`.
  const name = path.replace(/^[^:/]*:/, "").replace(/\/+$/, "").split("/").pop() ?? "";
  const range = members(source["range"]);
  const start = members(range["start"]);
  const end = members(range["end"]);
  const first = count(start["line"]) + 1;
  // A selection of whole lines ends before the first character of the next.
  const whole = count(end["character"]) === 0 && count(end["line"]) > count(start["line"]);
  const last = Math.max(first, count(end["line"]) + (whole ? 0 : 1));
  return name === "" ? "" : `${decode(name)}:${first === last ? first : `${first}–${last}`}`;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // A stray `%` is part of the name.
  }
}

function section(value: unknown): Section {
  const from = members(value);
  const [branch, role] = [text(from["branch"]), from["role"]];
  const title = text(from["title"]) || branch;
  return { branch, title, role: role === "focus" || role === "follow_up" ? role : "view" };
}

function usage(value: unknown): Usage | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const from = members(value);
  return {
    prompt: count(from["prompt_tokens"]),
    cached: count(from["cached_tokens"]),
    completion: count(from["completion_tokens"]),
    reasoning: count(from["reasoning_tokens"]),
  };
}

function total(value: unknown): Total | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const from = members(value);
  const tokens = usage(value);
  return {
    requests: count(from["requests"]),
    usage: tokens !== undefined && tokens.prompt + tokens.completion > 0 ? tokens : undefined,
    dollars: amount(from["cost"]),
    atLeast: from["at_least"] === true,
    elapsedMs: count(from["elapsed_ms"]),
  };
}

function failure(value: unknown): Failure {
  const from = members(value);
  return { kind: text(from["kind"]), message: text(from["message"]) };
}

function mark(from: Members): Mark | undefined {
  const item = members(from["item"]);
  const kind = from["mark"];
  return kind === "keep" || kind === "drop" || kind === "comment"
    ? { line: count(item["line"]), text: text(item["text"]), mark: kind, comment: text(from["comment"]) }
    : undefined;
}

/** Dollars that were told, be they none. */
function amount(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** An outcome that is not known is no success. */
function outcome(value: unknown): Outcome {
  return typeof value === "string" && outcomes.includes(value) ? (value as Outcome) : "failed";
}

type Members = Record<string, unknown>;

function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}
