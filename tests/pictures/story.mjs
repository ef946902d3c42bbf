// The texts in the pictures, their recorded answers, and a model server that plays them: nothing in a picture is invented.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../..");

/** What the pictures of a language show: a text of evals/, and the name that it has there. */
export const STORIES = {
  en: { text: "theatre-volunteers.en.md", file: "volunteers.md", locale: "en-US", lang: "en_US.UTF-8" },
  ja: { text: "bosai-kunren.ja.md", file: "防災訓練.md", locale: "ja-JP", lang: "ja_JP.UTF-8" },
};

/** The same for the page: one sentence each, so that the answers are in sight below it. */
export const SENTENCES = {
  en: { ...STORIES.en, text: "reading-room.en.md" },
  ja: { ...STORIES.ja, text: "library-young-readers.ja.md" },
};

/** As the measurements of docs/answers.md send them: after 0.6 s, 80 tokens a second to each request. */
const FIRST_MS = 600;
const TOKEN_MS = 1000 / 80;

export const textOf = (story) => readFile(path.join(ROOT, "evals/texts", story.text), "utf8");

/** The recorded answers to a text, by perspective. */
export async function answersOf(story) {
  const lines = (await readFile(path.join(ROOT, "evals/answers.jsonl"), "utf8")).split("\n").filter(Boolean);
  const rows = lines.map((line) => JSON.parse(line)).filter(({ file }) => file === story.text);
  return Object.fromEntries(rows.map(({ perspective, answer }) => [perspective, answer]));
}

const NAMES = { 深さ: "depth", 広さ: "breadth", 構造: "structure", 時間: "time", Depth: "depth", Breadth: "breadth", Structure: "structure", Time: "time" };

/** Which section a request is for; the focus is the one that reads the others' notes. */
function perspectiveOf({ messages }) {
  const text = messages.map(({ content }) => (typeof content === "string" ? content : content.map((part) => part.text).join(""))).join("\n");
  if (/^<<<NOTE 1 /m.test(text)) {
    return "focus";
  }
  return NAMES[[...text.matchAll(/^(?:あなたの視点|Your side of the text): *(\S+)/gm)].at(-1)?.[1]];
}

/** Tokens as kaizodo estimates them: four bytes of ASCII, or one other character. */
const tokens = (text) => text.match(/[\0-\x7f]{1,4}|[^\0-\x7f]/gu) ?? [];

const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Plays the answers to whoever asks. `pause(name)` may hold a section back, piece by piece. */
export async function play(answers, pause = async () => undefined) {
  const server = createServer(async (request, response) => {
    if (request.method === "GET") {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify({ object: "list", data: [{ id: "recorded", object: "model" }] }));
      return;
    }
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const name = perspectiveOf(body);
    const send = (delta, finish_reason = null) =>
      response.write(`data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", model: "recorded", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
    response.setHeader("Content-Type", "text/event-stream");
    response.flushHeaders();
    await rest(FIRST_MS);
    // By the clock, since a timer is late on a busy machine.
    const begun = Date.now();
    for (const [n, content] of tokens(answers[name] ?? "").entries()) {
      await pause(name, n);
      await rest(Math.max(0, begun + n * TOKEN_MS - Date.now()));
      send({ content });
    }
    send({}, "stop");
    response.end("data: [DONE]\n\n");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/v1`, close: () => (server.closeAllConnections(), server.close()) };
}
