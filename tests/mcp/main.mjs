// The tools as a client sees them that others wrote: it checks each result against the schema that the tool declares.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const THOUGHT = "会議が長くて決まらない。議題を減らすか、時間を切るか、迷っている。";
const home = await mkdtemp(path.join(tmpdir(), "kaizodo-mcp-"));
const env = { HOME: home, PATH: process.env.PATH, LANG: "ja_JP.UTF-8", KAIZODO_PROVIDER: "worksheet" };

async function connect(mode) {
  const client = new Client({ name: "kaizodo-test", version: "1.0.0" }, { versionNegotiation: { mode } });
  const server = { command: process.env.KAIZODO_BIN, args: ["mcp"], env, cwd: home, stderr: "inherit" };
  await client.connect(new StdioClientTransport(server));
  return client;
}

/** What both handshakes lead to. */
async function walk(mode) {
  const client = await connect(mode);
  assert.equal(client.getServerVersion().name, "kaizodo");
  assert.match(client.getInstructions(), /not for hard questions with one right answer/);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map((tool) => tool.name),
    ["look", "read", "runs", "ask", "perspectives"],
  );
  const call = (name, args, options) => client.callTool({ name, arguments: args }, options);

  // This client drops what it reads together with the result, which may be all of it on a busy machine.
  const told = [];
  const onprogress = (step) => told.push(step);
  let look;
  for (let tries = 0; tries < 10 && told.length === 0; tries++) {
    look = await call("look", { text: THOUGHT, language: "markdown" }, { onprogress });
  }
  assert.ok(!look.isError, JSON.stringify(look));
  const { run, outcome, sections, notes } = look.structuredContent;
  assert.equal(outcome, "done");
  assert.deepEqual(
    sections.map((section) => [section.branch, section.state]),
    ["focus", "depth", "breadth", "structure", "time"].map((branch) => [branch, "done"]),
  );
  assert.equal(notes.length, 1, "no model was asked, and the agent is told");
  for (const part of [run, notes[0], ...sections.map((section) => section.text)]) {
    assert.ok(look.content[0].text.includes(part), part);
  }
  assert.ok(told.length > 0 && told.every((step) => step.total === 5 && /深さ/.test(step.message)), JSON.stringify(told));

  const read = await call("read", { run: run.slice(0, 25), section: "深さ" });
  assert.equal(read.structuredContent.sections[0].text, sections[1].text);
  const { structuredContent: list } = await call("runs", { query: "議題", limit: 1 });
  assert.deepEqual(
    list.runs.map((found) => [found.run, found.outcome]),
    [[run, "done"]],
  );
  const asked = await call("ask", { run: "last", section: "depth", question: "なぜ今なのか。" });
  assert.deepEqual(
    asked.structuredContent.sections.map((section) => [section.title, section.role]),
    [["なぜ今なのか", "follow_up"]],
  );
  const { structuredContent: known } = await call("perspectives", {});
  assert.ok(known.sets.some((set) => set.name === "decide" && set.perspectives.length === 4));

  const refused = await call("look", { text: " " });
  assert.equal(refused.isError, true);
  assert.equal(refused.content[0].text, "文字がありません。調べたい文章を指定してください。");
  await assert.rejects(call("write", {}), /ツール「write」はありません。/);
  await client.close();
  console.log(`ok ${JSON.stringify(mode)}: tools, progress, results, refusals`);
}

try {
  await walk("legacy");
  await walk({ pin: "2026-07-28" });
} finally {
  // The program may still be writing there.
  await rm(home, { recursive: true, force: true, maxRetries: 10 });
}
