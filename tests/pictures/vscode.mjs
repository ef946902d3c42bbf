// Makes docs/run.webp, docs/run.ja.webp and the pictures of the extension's page from a real workbench.
//
//   node vscode.mjs     KAIZODO_BIN names the program, CHROMIUM the browser; img2webp is Debian's package webp

import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { until, Workbench } from "../editors/vscode/workbench.mjs";
import { answersOf, play, ROOT, STORIES, textOf } from "./story.mjs";

const WINDOW = { width: 1240, height: 860 };
/** Where the text ends and the panel begins: the grid has two columns then. */
const SPLIT = 360;

/** Nothing beside the text and the panel. */
const PLAIN = {
  "workbench.activityBar.location": "hidden",
  "workbench.layoutControl.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "editor.lineNumbers": "off",
  "editor.wordWrap": "on",
  "editor.folding": false,
  "editor.glyphMargin": false,
  "editor.fontFamily": "'Noto Sans Mono', 'Noto Sans Mono CJK JP', monospace",
  "editor.fontSize": 13,
  "editor.lightbulb.enabled": "off",
  "editor.renderWhitespace": "none",
  "editor.occurrencesHighlight": "off",
  "editor.scrollbar.vertical": "hidden",
  "editor.overviewRulerBorder": false,
  "editor.hideCursorInOverviewRuler": true,
  "editor.unicodeHighlight.ambiguousCharacters": false,
  "breadcrumbs.enabled": false,
  "kaizodo.view": "grid",
};

/** The grid's page inside the workbench. */
const grid = (bench) => bench.page.locator("iframe.webview.ready >> visible=true").contentFrame().locator("iframe#active-frame").contentFrame().locator("body");

/** Selects all of the text and runs the action; comes back when the grid is there and has its width. */
async function run(bench) {
  await bench.page.locator(".view-line").first().click();
  await bench.press("Control+Home", "Control+a", "Control+Alt+u");
  await grid(bench).locator('.pane[data-branch="time"]').waitFor({ timeout: 60_000 });
  const { y } = await bench.page.locator(".editor-group-container").first().boundingBox();
  const { x } = await bench.page.locator(".editor-group-container").nth(1).boundingBox();
  await bench.page.mouse.move(x, y + 300);
  await bench.page.mouse.down();
  await bench.page.mouse.move(SPLIT, y + 300, { steps: 3 });
  await bench.page.mouse.up();
  await bench.page.mouse.move(SPLIT / 2, y + 600);
}

const isOver = (bench) => grid(bench).locator('[data-branch="focus"][data-look="done"]').isVisible();

/** Whether the focus has reached so much of the window's height. At all of it, nothing new is seen of it from then on. */
const fills = (bench, part) =>
  grid(bench).evaluate((body, part) => body.querySelector('[data-branch="focus"] .answer')?.getBoundingClientRect().bottom > innerHeight * part, part);

/** Frames as the browser draws them, with the milliseconds that each is shown. */
async function film(bench, go, still) {
  const client = await bench.page.context().newCDPSession(bench.page);
  const frames = [];
  client.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
    frames.push({ at: metadata.timestamp * 1000, png: Buffer.from(data, "base64") });
    void client.send("Page.screencastFrameAck", { sessionId });
  });
  await client.send("Page.startScreencast", { format: "png", everyNthFrame: 1 });
  await until("a frame", () => frames.length > 0);
  go();
  await until("the beginning of the focus", () => fills(bench, 0.38), 60_000);
  await bench.page.screenshot({ path: still });
  await until("the focus to fill the window", () => fills(bench, 1), 60_000);
  const full = frames.at(-1).at;
  await until("the end", () => isOver(bench), 60_000);
  await client.send("Page.stopScreencast");
  frames.push({ at: frames.at(-1).at, png: await bench.page.screenshot() });
  // What goes on below the window's edge would be seconds of waiting: they pass six times as fast.
  let last = 0;
  const isShown = ({ at }, n) => {
    const due = at - last >= (at <= full ? 150 : 900);
    last = due ? at : last;
    return due || n === frames.length - 1;
  };
  const shown = frames.filter(isShown);
  return shown.map(({ at, png }, n) => ({ png, ms: n === shown.length - 1 ? 6000 : at > full ? 150 : Math.max(10, Math.round(shown[n + 1].at - at)) }));
}

async function makeWebp(frames, to) {
  const folder = await mkdtemp(path.join(tmpdir(), "kaizodo-frames-"));
  const args = ["-loop", "0", "-lossless", "-m", "6", "-min_size"];
  for (const [n, { png, ms }] of frames.entries()) {
    const file = path.join(folder, `${n}.png`);
    await writeFile(file, png);
    args.push("-d", String(ms), file);
  }
  execFileSync("img2webp", [...args, "-o", to]);
  await rm(folder, { recursive: true });
}

for (const [language, story] of Object.entries(STORIES)) {
  let go;
  let held = new Promise((resolve) => (go = resolve));
  const model = await play(await answersOf(story), () => held);
  const files = { [story.file]: await textOf(story) };
  const settings = { ...PLAIN, "kaizodo.baseUrl": model.url, "kaizodo.model": "recorded", "workbench.colorTheme": "Light 2026" };
  const bench = await Workbench.start({ files, settings, env: { KAIZODO_FOCUS: "" }, language, window: { viewport: WINDOW, locale: story.locale } });
  const to = (name) => path.join(ROOT, name.replace(/\.(?=\w+$)/, language === "ja" ? ".ja." : "."));
  try {
    await bench.open(story.file);
    await bench.press("Control+b"); // the side bar
    await until("the extension", async () => (await bench.who()) !== "");
    // Once for the editor, which is slow the first time.
    go();
    await run(bench);
    await until("the end", () => isOver(bench), 60_000);
    await bench.page.locator(".editor-group-container").nth(1).locator(".tab").click({ button: "middle" });
    held = new Promise((resolve) => (go = resolve));
    await bench.page.locator(".view-line").first().click();
    await bench.press("Control+End");
    await bench.page.mouse.move(WINDOW.width / 2, WINDOW.height - 100);
    const before = { png: await bench.page.screenshot(), ms: 1200 };
    await bench.press("Control+a");
    const selected = { png: await bench.page.screenshot(), ms: 1200 };
    await run(bench);
    const frames = [before, selected, ...(await film(bench, go, to("editors/vscode/media/panel.png")))];
    await makeWebp(frames, to("docs/run.webp"));
    console.log(language, frames.length, frames.reduce((sum, { ms }) => sum + ms, 0));
  } catch (error) {
    await bench.shot(`picture-${language}`);
    await bench.tellLogs();
    throw error;
  } finally {
    await bench.stop();
    model.close();
  }
}
