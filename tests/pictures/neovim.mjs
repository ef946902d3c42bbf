// Makes docs/neovim.png and docs/neovim.ja.png: a real Neovim in a terminal (tmux), drawn by xterm.js.
//
//   node neovim.mjs     KAIZODO_BIN names the program, NVIM the Neovim, CHROMIUM the browser

import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "../editors/vscode/workbench.mjs";
import { answersOf, play, ROOT, STORIES, textOf } from "./story.mjs";

const { chromium } = createRequire(path.join(ROOT, ".cache/vscode/drive/index.js"))("playwright-core");
const SIZE = { cols: 126, rows: 42 };
/** As many tokens of the focus are written: the views are seen below it. */
const FOCUS = { en: 170, ja: 180 };

const INIT = `
vim.opt.runtimepath:prepend("${ROOT}/editors/nvim")
vim.lsp.config("kaizodo", { cmd = { "${process.env.KAIZODO_BIN}", "lsp" } })
vim.lsp.enable("kaizodo")
vim.o.termguicolors, vim.o.showmode, vim.o.ruler, vim.o.fillchars = true, false, false, "eob: "
vim.o.linebreak = vim.env.KAIZODO_LANG == "en"
`;

async function capture(language, story) {
  const home = await mkdtemp(path.join(tmpdir(), "kaizodo-nvim-"));
  const tmux = (...args) => execFileSync("tmux", ["-S", path.join(home, "tmux"), ...args], { encoding: "utf8" });
  const screen = () => tmux("capture-pane", "-p");
  const model = await play(await answersOf(story), async (name, n) => name === "focus" && n >= FOCUS[language] && new Promise(() => {}));
  try {
    await mkdir(path.join(home, "work"));
    await writeFile(path.join(home, "work", story.file), await textOf(story));
    await writeFile(path.join(home, "init.lua"), INIT);
    const env = { HOME: home, LANG: story.lang, LC_ALL: "C.UTF-8", OPENAI_BASE_URL: model.url, OPENAI_API_KEY: "none", KAIZODO_MODEL: "recorded", KAIZODO_LANG: language };
    const set = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
    const command = `cd work && ${process.env.NVIM} -u ../init.lua -i NONE ${story.file}`;
    tmux("-f", "/dev/null", "-u", "new-session", "-d", "-x", String(SIZE.cols), "-y", String(SIZE.rows), "-c", home, ...set, "sh", "-c", command);
    tmux("set", "-g", "status", "off");
    tmux("set", "-ga", "terminal-overrides", ",*:Tc");
    await until("the text", () => screen().includes(language === "ja" ? "黄色い" : "Maud"));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    tmux("send-keys", "ggVG");
    await new Promise((resolve) => setTimeout(resolve, 500));
    tmux("send-keys", "gra");
    await until("the menu", () => /^\s*1: /m.test(screen()));
    tmux("send-keys", "1", "Enter");
    const wanted = (await answersOf(story)).focus.slice(0, 12);
    await until("the focus", () => screen().replaceAll(/\s/g, "").includes(wanted.replaceAll(/[\s*]/g, "")), 30_000);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return tmux("capture-pane", "-e", "-p");
  } catch (error) {
    console.log(screen());
    throw error;
  } finally {
    tmux("kill-server");
    model.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** One cell for a letter and two for a kanji, symbols included, as terminals have them. */
const STYLE = `
  @font-face { font-family: symbols; src: local("DejaVu Sans Mono"); size-adjust: 83%; unicode-range: U+B7, U+2013, U+2022, U+2026, U+2190-27BF }
  * { text-spacing-trim: space-all }
  body { margin: 0 }
  #t { display: inline-block; padding: 10px; background: #14161b }
`;

const xterm = path.join(import.meta.dirname, "node_modules/@xterm/xterm");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const [language, story] of Object.entries(STORIES)) {
  const text = await capture(language, story);
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  await page.setContent(`<style>${await readFile(path.join(xterm, "css/xterm.css"), "utf8")} ${STYLE}</style><div id=t></div>`);
  await page.addScriptTag({ path: path.join(xterm, "lib/xterm.js") });
  await page.evaluate(async ({ text, size }) => {
    const term = new window.Terminal({ ...size, allowTransparency: false, fontFamily: "symbols, 'Noto Sans Mono CJK JP'", fontSize: 15, lineHeight: 1, cursorInactiveStyle: "none", theme: { background: "#14161b", foreground: "#e0e2ea" } });
    term.open(document.getElementById("t"));
    await new Promise((resolve) => term.write(`${text.trimEnd().replaceAll("\n", "\r\n")}\x1b[?25l`, resolve));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }, { text, size: SIZE });
  await page.locator("#t").screenshot({ path: path.join(ROOT, `docs/neovim${language === "ja" ? ".ja" : ""}.png`) });
  await page.close();
}
await browser.close();
