/** What a pane's head says, and what a screen reader is told when its state changes. */

import type { Pane } from "./fold.js";
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
    case "queued":
    case "waiting": {
      const text = words[state.kind];
      return { look: state.kind, text, reason: "", facts, spoken: text };
    }
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
      const text = state.message || words.incomplete;
      const look = state.outcome === "failed" ? "failed" : "partial";
      return { look, text, reason: "", facts, spoken: text };
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
    const { prompt, cached, completion } = cost.usage;
    const template = cached > 0 ? words.tokensCached : words.tokens;
    const number = (n: number) => n.toLocaleString(language);
    facts.push(
      fill(template, { sent: number(prompt), cached: number(cached), got: number(completion) }),
    );
  }
  // Nobody knows how long it took until its server was killed.
  if (cost.elapsedMs > 0) {
    facts.push(fill(words.seconds, { s: seconds(cost.elapsedMs, language) }));
  }
  return [...facts, ...asked];
}

function seconds(ms: number, language: string): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return (ms / 1000).toLocaleString(language, digits);
}
