// The real program against a scripted model.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { random } from "../shared/random.mjs";

export const data = (name) => JSON.parse(readFileSync(new URL(`../../it/hostile/data/${name}.json`, import.meta.url), "utf8"));

export const titles = ["Depth", "Breadth", "Structure", "Time"];

/** A text in pieces of one character and more. */
function pieces(text, next) {
  const characters = [...text];
  const out = [];
  while (characters.length > 0) {
    out.push(characters.splice(0, 1 + Math.floor(next() ** 3 * 12)).join(""));
  }
  return out;
}

/** A server that answers with what `answer` says for a request's title: a text, or `{ error }`. */
async function model(answer) {
  const next = random(1);
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) {
      body += part;
    }
    const title = titles.find((t) => body.includes(`Your side of the text: ${t}`)) ?? titles[0];
    const said = answer(title);
    if (typeof said !== "string") {
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ error: { message: said.error } }));
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = (delta, reason = null) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
    for (const content of pieces(said, next)) {
      response.write(event({ content }));
    }
    response.end(`${event({}, "stop")}data: [DONE]\n\n`);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** What `kaizodo run` prints in a home of its own. */
export async function panel(answer, { args = ["--text", "Builds are slow."], files = {}, name = "m" } = {}) {
  const home = await mkdtemp(path.join(tmpdir(), "kaizodo-"));
  const server = await model(answer);
  try {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(home, file)), { recursive: true });
      await writeFile(path.join(home, file), text);
    }
    const env = { HOME: home, LANG: "en_US.UTF-8", OPENAI_BASE_URL: server.url, KAIZODO_MODEL: name, KAIZODO_FOCUS: "off" };
    const child = spawn(process.env.KAIZODO_BIN, ["run", ...args], { env, cwd: home, stdio: ["ignore", "pipe", "inherit"], timeout: 120_000 });
    let out = "";
    for await (const part of child.stdout.setEncoding("utf8")) {
      out += part;
    }
    return out;
  } finally {
    server.close();
    await rm(home, { recursive: true });
  }
}

/** All of a list, `at` a time, in its order. */
export async function mapped(list, at, work) {
  const out = [];
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const i = next++;
      out[i] = await work(list[i], i);
    }
  };
  await Promise.all(Array.from({ length: at }, worker));
  return out;
}

/** Panels of answers, four in each. */
export function panels(answers) {
  const fours = Array.from({ length: Math.ceil(answers.length / 4) }, (_, i) => answers.slice(4 * i, 4 * i + 4));
  return mapped(fours, 4, (four) => panel((title) => four[titles.indexOf(title)] ?? "- T1 said\n"));
}
