/** What a pane's head says, and what a screen reader is told when its state changes. */

import type { Mark, Usage } from "./events.js";
import type { Pane, Run } from "./fold.js";
import { fill, type Words } from "./words.js";

/** How a state looks: the colour and the sign of a pane's head. */
export type Look = "queued" | "waiting" | "live" | "retrying" | "done" | "partial" | "failed" | "stopped" | "unasked";

export interface Status {
  look: Look;
  /** The state, with its count. */
  text: string;
  /** Why it is so, in the server's words; empty where there is nothing to explain. */
  reason: string;
  /** Model, tokens and seconds of a section that is over, or the model of one that is alive. */
  facts: string[];
  /** What a focus leaves to the user: it is not written, or older than a view; empty where nothing is. */
  call: string;
  /** The state without its counts, for a screen reader. */
  spoken: string;
}

export function statusOf(pane: Pane, words: Words, language: string): Status {
  return { ...stateOf(pane, words, language), call: callOf(pane, words) };
}

/** What stands beside the button that has a focus written. */
function callOf({ state, older }: Pane, words: Words): string {
  if (state.kind === "on_demand") {
    return words.unwritten;
  }
  const over = state.kind === "done" || state.kind === "broken" || state.kind === "stopped";
  return over && older.length > 0 ? fill(words.older, { views: older.join(words.and) }) : "";
}

function stateOf(pane: Pane, words: Words, language: string): Omit<Status, "call"> {
  const number = (n: number) => n.toLocaleString(language);
  const { state } = pane;
  const facts = factsOf(pane, words, language);
  switch (state.kind) {
    case "gathering": {
      const text = fill(words.gathering, { ended: number(state.ended), of: number(state.of) });
      return { look: "queued", text, reason: "", facts, spoken: words.sayGathering };
    }
    case "on_demand":
      return { look: "unasked", text: words.unasked, reason: "", facts: [], spoken: words.unasked };
    case "queued": {
      const text = words.queued;
      return { look: "queued", text, reason: state.waitsFor, facts, spoken: state.waitsFor || text };
    }
    case "waiting":
      return { look: "waiting", text: words.waiting, reason: "", facts, spoken: words.waiting };
    case "thinking": {
      const text = fill(words.thinking, { n: number(state.chars) });
      return { look: "live", text, reason: "", facts, spoken: words.sayThinking };
    }
    case "writing": {
      const text = fill(words.writing, { n: number(state.chars) });
      return { look: "live", text, reason: "", facts, spoken: words.sayWriting };
    }
    case "retrying": {
      const s = seconds(state.afterMs, language);
      const text = fill(words.retrying, { s, n: state.attempt });
      const spoken = `${words.sayRetrying} ${state.message}`;
      return { look: "retrying", text, reason: state.message, facts, spoken };
    }
    case "done":
      return { look: "done", text: words.done, reason: "", facts, spoken: words.done };
    case "stopped":
      return { look: "stopped", text: words.stopped, reason: "", facts, spoken: words.stopped };
    case "broken": {
      const failed = state.outcome === "failed";
      const text = failed ? words.failed : words.incomplete;
      return { look: failed ? "failed" : "partial", text, reason: state.message, facts, spoken: state.message || text };
    }
  }
}

function factsOf(pane: Pane, words: Words, language: string): string[] {
  const { cost, model, asked = [] } = pane;
  if (cost?.note) {
    return [cost.note];
  }
  const facts = model === "" ? [] : [model];
  // A request that never left cost nothing that could be told.
  if (cost === undefined || model === "") {
    return [...facts, ...asked];
  }
  if (cost.usage !== undefined) {
    facts.push(tokens(cost.usage, words, language));
  }
  // Nobody knows how long it took until its server was killed.
  if (cost.elapsedMs > 0) {
    facts.push(fill(words.seconds, { s: seconds(cost.elapsedMs, language) }));
  }
  if (cost.dollars) {
    facts.push(dollars(cost.dollars));
  }
  return [...facts, ...asked];
}

/** What a run came to, where more than one section was asked of a model; the server's panel ends with the same. */
export function totalOf({ panes, total }: Run, words: Words, language: string): string {
  if (total === undefined || panes.filter(({ model }) => model !== "").length < 2) {
    return "";
  }
  const facts = [fill(words.requests, { n: total.requests.toLocaleString(language) })];
  if (total.usage !== undefined) {
    facts.push(tokens(total.usage, words, language));
  }
  if (total.elapsedMs > 0) {
    facts.push(fill(words.seconds, { s: seconds(total.elapsedMs, language) }));
  }
  if (total.dollars) {
    facts.push(total.atLeast ? fill(words.atLeast, { cost: dollars(total.dollars) }) : dollars(total.dollars));
  }
  return `Σ ${facts.join(" · ")}`;
}

/** A mark in words, as the server's panel has it, with the first words of its item. */
export function markOf({ text, mark, comment }: Mark, words: Words): string {
  const plain = text.split(/\r\n?|\n/).map((line) => line.replace(/^[\s\-*+#>`]+/u, "").trim());
  const all = [...plain.join(" ")];
  const item = all.slice(0, MARK_CHARS).join("") + (all.length > MARK_CHARS ? "…" : "");
  return fill({ keep: words.kept, drop: words.dropped, comment: words.commented }[mark], { item, comment });
}

/** Characters of an item that stand with its mark; the server's panel has the same number. */
const MARK_CHARS = 40;

function tokens({ prompt, cached, completion, reasoning }: Usage, words: Words, language: string): string {
  const number = (n: number) => n.toLocaleString(language);
  const template = cached > 0 ? words.tokensCached : words.tokens;
  const all = fill(template, { sent: number(prompt), cached: number(cached), got: number(completion) });
  return reasoning > 0 ? all + fill(words.reasoning, { n: number(reasoning) }) : all;
}

/** An amount as the server writes it: cents, and below a dollar as far as a hundredth of one. */
export function dollars(amount: number): string {
  const nanos = Math.round(amount * 1e9);
  const step = nanos < 1e9 ? 1e5 : 1e7;
  const rounded = Math.round(nanos / step) * step;
  if (rounded === 0) {
    return nanos === 0 ? "$0.00" : "<$0.0001";
  }
  const decimals = String(Math.round((rounded % 1e9) / 1e5)).padStart(4, "0");
  return `$${Math.floor(rounded / 1e9)}.${decimals.slice(0, 2)}${decimals.slice(2).replace(/0+$/, "")}`;
}

function seconds(ms: number, language: string): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return (ms / 1000).toLocaleString(language, digits);
}
