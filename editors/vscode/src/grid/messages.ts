/** What the extension and its page say to each other. */

import type { Stamped } from "./core/events.js";
import type { Run } from "./core/fold.js";
import type { Words } from "./core/words.js";

export type ToPage =
  /** The whole, once the page says that it is there, or in place of another run. */
  | { type: "start"; id: string; title: string; words: Words; language: string; run: Run; foldViews: boolean }
  | { type: "events"; events: Stamped[] }
  /** The run as it is now, in place of what was known of it. */
  | { type: "again"; run: Run }
  /** What is missing before the held events will not come. */
  | { type: "release" };

/** What is done with the whole run, or with what stands in its way, by the editor itself. */
const DEEDS = [
  "copy_all",
  "save",
  "as_text",
  "as_preview",
  "set_key",
  "choose_who",
  "choose_model",
  "raise_cost",
  "retry_failed",
] as const;

export type Deed = (typeof DEEDS)[number];

export type FromPage =
  | { type: "ready" }
  /** Without a branch: all that are alive. */
  | { type: "stop"; branch?: string }
  /** With marks, the section is written anew with those on it. */
  | { type: "retry"; branch: string; marks?: true }
  /** The reader asks on about an answer. */
  | { type: "ask"; branch: string; question: string }
  /** A question is being typed, or none any more. */
  | { type: "draft"; has: boolean }
  /** The reader looks closer at these lines of an answer, counted from 0, the last one included. */
  | { type: "look_closer"; branch: string; first: number; last: number }
  /** The item of this line gets a mark, or loses its own. */
  | { type: "mark"; branch: string; line: number; mark?: "keep" | "drop" }
  /** The reader wants to comment on the item of this line, or to change what the comment says. */
  | { type: "comment"; branch: string; line: number; comment: string }
  | { type: "copy"; branch: string }
  | { type: "copy_code"; code: string }
  | { type: "do"; deed: Deed };

/** What a page said; nothing if it is no such message. */
export function readFromPage(value: unknown): FromPage | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { type, branch, code, deed, has } = value as Record<string, unknown>;
  if (type === "ready") {
    return { type };
  }
  if (type === "stop" && branch === undefined) {
    return { type };
  }
  if (type === "copy_code") {
    return typeof code === "string" ? { type, code } : undefined;
  }
  if (type === "draft") {
    return typeof has === "boolean" ? { type, has } : undefined;
  }
  if (type === "do") {
    const known = DEEDS.find((known) => known === deed);
    return known && { type, deed: known };
  }
  return typeof branch === "string" ? ofBranch(branch, value as Record<string, unknown>) : undefined;
}

function ofBranch(branch: string, { type, question, first, last, line, mark, comment, marks }: Record<string, unknown>): FromPage | undefined {
  switch (type) {
    case "stop":
    case "copy":
      return { type, branch };
    case "retry":
      return marks === true ? { type, branch, marks } : { type, branch };
    case "ask":
      return typeof question === "string" ? { type, branch, question } : undefined;
    case "look_closer":
      return isLine(first) && isLine(last) && first <= last ? { type, branch, first, last } : undefined;
    case "mark":
      if (!isLine(line) || (mark !== undefined && mark !== "keep" && mark !== "drop")) {
        return undefined;
      }
      return mark === undefined ? { type, branch, line } : { type, branch, line, mark };
    case "comment":
      return isLine(line) && typeof comment === "string" ? { type, branch, line, comment } : undefined;
    default:
      return undefined;
  }
}

function isLine(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
