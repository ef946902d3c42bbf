/** What the extension and its page say to each other. */

import type { Stamped } from "./events.js";
import type { Run } from "./fold.js";
import type { Words } from "./words.js";

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
  | { type: "retry"; branch: string };

/** What a page said; nothing if it is no such message. */
export function readFromPage(value: unknown): FromPage | undefined {
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const { type, branch } = value as { type?: unknown; branch?: unknown };
  if (type === "ready") {
    return { type };
  }
  if (type === "stop" && (branch === undefined || typeof branch === "string")) {
    return branch === undefined ? { type } : { type, branch };
  }
  return type === "retry" && typeof branch === "string" ? { type, branch } : undefined;
}
