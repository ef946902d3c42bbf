/** What the extension and its page say to each other. */

import type { Stamped } from "./core/events.js";
import type { Run } from "./core/fold.js";
import type { Words } from "./core/words.js";

export type ToPage =
  /** The whole, once the page says that it is there. */
  | { type: "start"; title: string; words: Words; language: string; run: Run; foldViews: boolean }
  | { type: "events"; events: Stamped[] }
  /** The run as it is now, in place of what was known of it. */
  | { type: "again"; run: Run }
  /** What is missing before the held events will not come. */
  | { type: "release" };

export type FromPage =
  | { type: "ready" }
  /** Without a branch: all that are alive. */
  | { type: "stop"; branch?: string }
  | { type: "retry"; branch: string }
  /** The reader asks on about an answer. */
  | { type: "ask"; branch: string; question: string }
  /** The reader looks closer at these lines of an answer, counted from 0, the last one included. */
  | { type: "look_closer"; branch: string; first: number; last: number };

/** What a page said; nothing if it is no such message. */
export function readFromPage(value: unknown): FromPage | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { type, branch, question, first, last } = value as Record<string, unknown>;
  if (type === "ready") {
    return { type };
  }
  if (type === "stop" && (branch === undefined || typeof branch === "string")) {
    return branch === undefined ? { type } : { type, branch };
  }
  if (typeof branch !== "string") {
    return undefined;
  }
  if (type === "ask" && typeof question === "string") {
    return { type, branch, question };
  }
  if (type === "look_closer" && isLine(first) && isLine(last) && first <= last) {
    return { type, branch, first, last };
  }
  return type === "retry" ? { type, branch } : undefined;
}

function isLine(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
