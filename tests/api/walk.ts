// A walk through the API with a client that is generated from its document: what the document says and what the server
// does are held against each other by the compiler and by the run.

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./made/schema.js";

type Stamped = components["schemas"]["Stamped"];

const [url, token] = [process.env["KAIZODO_URL"] ?? "", process.env["KAIZODO_TOKEN"] ?? ""];
const headers = { authorization: `Bearer ${token}` };
const client = createClient<paths>({ baseUrl: url, headers });
const TEXT = "会議が長くて決まらない。議題を減らすか、時間を切るか、迷っている。";

/** What came without an error. */
function fine<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert.ok(answer.response.ok, JSON.stringify(answer.error));
  return answer.data as T;
}

/** A stream of events, to its end. */
async function events(response: Response): Promise<Stamped[]> {
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const blocks = (await response.text()).split("\n\n").filter((block) => block.includes("data: "));
  return blocks.map((block) => {
    const field = (name: string) => block.split("\n").find((line) => line.startsWith(name))?.slice(name.length);
    const stamped = JSON.parse(field("data: ") ?? "") as Stamped;
    assert.equal(stamped.seq, Number(field("id: ")));
    return stamped;
  });
}

const status = fine(await client.GET("/v1/status"));
assert.match(status.answered_by, /no model/);
const perspectives = fine(await client.GET("/v1/perspectives"));
assert.deepEqual(perspectives.sets[0]?.perspectives, ["depth", "breadth", "structure", "time"]);
const body = { text: TEXT, language: "markdown", perspectives: ["depth", "time"], focus: "off" as const };
const preview = fine(await client.POST("/v1/preview", { body }));
assert.ok(preview.document.length > 0);

const streamed = await client.POST("/v1/runs", { body, parseAs: "stream" });
const seen = await events(streamed.response);
assert.equal(seen.at(-1)?.event, "run_ended");
const started = seen[0];
assert.ok(started?.event === "run_started" && started.sections.length === 2);
const { run } = started;

const path = { run };
const whole = await client.GET("/v1/runs/{run}", { params: { path } });
const document = fine(whole) as components["schemas"]["RunDocument"];
assert.deepEqual(document.events, seen);
const rest = await client.GET("/v1/runs/{run}", {
  params: { path, header: { "Last-Event-ID": "2" } },
  headers: { accept: "text/event-stream" },
  parseAs: "stream",
});
assert.deepEqual(await events(rest.response), seen.slice(2));
const panel = await client.GET("/v1/runs/{run}", {
  params: { path },
  headers: { accept: "text/markdown" },
  parseAs: "text",
});
assert.match(fine(panel) as string, /^# 解像度 · 会議が長くて決まらない/);

assert.equal(fine(await client.POST("/v1/runs/{run}/retry", { params: { path }, body: { branch: "time" } })).branch, "time");
const marked = await client.POST("/v1/runs/{run}/mark", { params: { path }, body: { branch: "depth", line: 0, mark: "keep" } });
assert.equal(fine(marked).branch, "depth");
assert.equal(fine(await client.POST("/v1/runs/{run}/cancel", { params: { path }, body: {} })).cancelled >= 0, true);
fine(await client.POST("/v1/runs/{run}/pin", { params: { path }, body: { pinned: true } }));
const list = fine(await client.GET("/v1/runs", { params: { query: { pinned: true } } }));
assert.deepEqual(
  list.runs.map((entry) => [entry.run, entry.perspectives]),
  [[run, ["深さ", "時間"]]],
);
// The retry may go on for a moment, and a run that does is not deleted.
const latest = Date.now() + 10_000;
let deleted = await client.DELETE("/v1/runs/{run}", { params: { path } });
while (deleted.error?.error.kind === "running" && Date.now() < latest) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  deleted = await client.DELETE("/v1/runs/{run}", { params: { path } });
}
fine(deleted);
const gone = await client.DELETE("/v1/runs/{run}", { params: { path } });
assert.equal(gone.error?.error.kind, "unknown_run");
const wrong = await client.POST("/v1/runs", { body: { text: " " }, parseAs: "json" });
assert.equal(wrong.error?.error.kind, "empty");
assert.equal((await fetch(`${url}/v1/status`)).status, 401);
console.log("a generated client: 1 walk passed");
