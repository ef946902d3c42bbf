// Makes the pictures of the extension's walkthrough from the grid's own page, which the grid's tests build.
//
//   node walkthrough.mjs     KAIZODO_BIN names the program, CHROMIUM the browser

import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { openBrowser } from "../editors/vscode-grid/harness.mjs";
import { readEvent } from "../editors/vscode-grid/out/units.mjs";
import * as s from "../editors/vscode-grid/script.mjs";
import { answersOf, ROOT, STORIES } from "./story.mjs";

const VIEWS = { en: { depth: "Depth", breadth: "Breadth", structure: "Structure", time: "Time" }, ja: Object.fromEntries(s.four) };
const FOCUS = { en: "Focus", ja: "焦点" };
/** How much of the focus is there, in characters: its beginning, so that the views are in sight below it. */
const BEGUN = { en: 330, ja: 150 };

/** What *Try It on an Example* brings without a model: the worksheet about the extension's own example. */
async function tried(language) {
  const source = await readFile(path.join(ROOT, "editors/vscode/src/example.ts"), "utf8");
  const text = new RegExp(`const ${language.toUpperCase()} = \`([^\`]+)\``).exec(source)[1];
  const args = ["run", "--json", "--text", text.trimEnd()];
  const { PATH } = process.env;
  const env = { PATH, HOME: "/nonexistent", LANG: STORIES[language].lang };
  const lines = execFileSync(process.env.KAIZODO_BIN, args, { env, encoding: "utf8" }).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line));
  const [begun] = events;
  if (!begun.without_model) {
    throw new Error("a model answered: stop the model server on this computer");
  }
  begun.source.uri = "untitled:Untitled-1";
  return { title: begun.title, events };
}

/** The beginning of the focus above its views, from recorded answers. Without model, tokens and time: they are not recorded. */
async function read(language) {
  const story = STORIES[language];
  const answers = await answersOf(story);
  const views = Object.entries(VIEWS[language]);
  const text = await readFile(path.join(ROOT, "evals/texts", story.text), "utf8");
  const begun = s.started([["focus", FOCUS[language], "focus"], ...views], language);
  begun.source = { uri: `file:///${story.file}`, range: { start: { line: 0, character: 0 }, end: { line: text.split("\n").length - 1, character: 0 } } };
  const whole = ([branch]) => [s.start(branch, ""), s.delta(branch, answers[branch]), s.done(branch, { usage: null, elapsed_ms: 0 })];
  const beginning = [s.start("focus", ""), s.delta("focus", answers.focus.slice(0, BEGUN[language]))];
  return { title: text.replace(/^#+ */, "").split("\n")[0], events: s.stamp([{ ...begun, provider: "" }, ...views.flatMap(whole), ...beginning]) };
}

const browser = await openBrowser();
for (const language of ["en", "ja"]) {
  const pictures = {
    try: { width: 480, height: 480, foldViews: false, ...(await tried(language)) },
    view: { width: 900, height: 700, foldViews: false, ...(await read(language)) },
  };
  for (const [name, { events, ...options }] of Object.entries(pictures)) {
    for (const theme of ["light", "dark"]) {
      const grid = await browser.open({ theme, language, ...options });
      await grid.send({ type: "events", events: events.map(readEvent) });
      const file = `editors/vscode/media/walk/${name}-${theme}${language === "ja" ? ".ja" : ""}.png`;
      await grid.page.screenshot({ path: path.join(ROOT, file) });
      await grid.close();
    }
  }
}
await browser.close();
