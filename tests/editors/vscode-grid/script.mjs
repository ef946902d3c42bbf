// Scripted runs: events as the server writes them.

/** Numbers events from 1, or from a given place. */
export const stamp = (events, from = 1) => events.map((event, i) => ({ seq: from + i, ...event }));

export const started = (sections, lang = "ja") => ({
  event: "run_started",
  run: "r1",
  at: "2026-11-22T14:00:00Z",
  source: {
    uri: "file:///notes/%E8%AA%B2%E9%A1%8C.md",
    range: { start: { line: 2, character: 0 }, end: { line: 5, character: 0 } },
  },
  lang,
  provider: "Ollama (127.0.0.1:11434)",
  sections: sections.map(([branch, title, role]) => ({ branch, title, ...(role && { role }) })),
});

export const four = [
  ["depth", "深さ"],
  ["breadth", "広さ"],
  ["structure", "構造"],
  ["time", "時間"],
];

/** The same below a focus. */
export const five = [["focus", "焦点", "focus"], ...four];

export const start = (branch, model = "llama3.2:3b") => ({ event: "branch_started", branch, model });
export const delta = (branch, text) => ({ event: "delta", branch, text });
export const thinking = (branch, chars) => ({ event: "thinking", branch, chars });
export const done = (branch, more = {}) => ({
  event: "branch_ended",
  branch,
  outcome: "done",
  usage: { prompt_tokens: 1100, cached_tokens: 800, completion_tokens: 320 },
  elapsed_ms: 4120,
  ...more,
});
export const failed = (branch, message, more = {}) => ({
  event: "branch_ended",
  branch,
  outcome: "failed",
  failure: { kind: "unreachable", message },
  elapsed_ms: 12,
  ...more,
});
export const cancelled = (branch) => ({ event: "branch_ended", branch, outcome: "cancelled", elapsed_ms: 900 });
export const onDemand = (branch) => ({ event: "branch_ended", branch, outcome: "on_demand", elapsed_ms: 0 });
export const queued = (branch) => ({ event: "branch_queued", branch });
export const retrying = (branch, message, after_ms = 1500) => ({
  event: "branch_retrying",
  branch,
  attempt: 2,
  after_ms,
  failure: { kind: "rate_limited", message, status: 429 },
});
export const ended = (outcome = "done") => ({ event: "run_ended", outcome });

export const shuffled = (list, next) => {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [out[i], out[j]] = [out[j], out[i]];
  }
  return out;
};
