/** What stopped answers, told once for all sections that it stopped, and what the reader can do about it. */

import type { Pane, Run } from "./fold.js";

/** What one button does. */
export type Step = "set_key" | "choose_who" | "choose_model" | "raise_cost" | "retry_failed";

export interface Trouble {
  /** The server's sentence. */
  message: string;
  /** The sections that it stopped. */
  branches: readonly string[];
  steps: readonly Step[];
}

/** What helps against a kind of failure, the likeliest first. */
const HELP: Readonly<Record<string, readonly Step[]>> = {
  unauthorized: ["set_key", "choose_who", "retry_failed"],
  forbidden: ["set_key", "choose_who", "retry_failed"],
  quota: ["choose_who", "retry_failed"],
  not_found: ["choose_model", "choose_who", "retry_failed"],
  unreachable: ["retry_failed", "choose_who"],
  configuration: ["choose_who", "retry_failed"],
  provider: ["choose_who", "retry_failed"],
  limit: ["raise_cost", "retry_failed"],
};

/** The failure that most sections have; nothing where a section's own button is enough. */
export function troubleOf({ panes }: Run): Trouble | undefined {
  const groups = new Map<string, Pane[]>();
  for (const pane of panes) {
    const { state } = pane;
    // A focus without views says nothing that they do not.
    if (state.kind === "broken" && state.message !== "" && state.failure !== "too_few_views") {
      const key = JSON.stringify([state.failure, state.message]);
      groups.set(key, [...(groups.get(key) ?? []), pane]);
    }
  }
  const [most] = [...groups.values()].sort((a, b) => b.length - a.length);
  const state = most?.[0]?.state;
  if (most === undefined || state?.kind !== "broken") {
    return undefined;
  }
  const steps = HELP[state.failure];
  if (most.length < 2 && (steps === undefined || steps[0] === "retry_failed")) {
    return undefined;
  }
  return { message: state.message, branches: most.map(({ branch }) => branch), steps: steps ?? ["retry_failed"] };
}
