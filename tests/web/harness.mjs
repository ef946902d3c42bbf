// The real program with its page in a real browser, and a scripted model behind it.

import { chromium } from "playwright-core";
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before } from "node:test";

const ROOT = path.resolve(import.meta.dirname, "../..");
const PROGRAM = process.env.KAIZODO_BIN ?? path.join(ROOT, "target/debug/kaizodo");

/** The key that all tests use, and where what they leave behind is kept for the search for it. */
const KEY = /CANARY: &str = "([^"]+)"/.exec(await readFile(path.join(ROOT, "tests/support/artifacts.rs"), "utf8"))[1];
const ARTIFACTS = process.env.KAIZODO_TEST_ARTIFACTS;

/** Keeps what stands behind a test, where somebody will search it. */
async function keep(name, text) {
  if (ARTIFACTS) {
    await mkdir(path.join(ARTIFACTS, "web"), { recursive: true });
    await writeFile(path.join(ARTIFACTS, "web", name), text);
  }
}

/** Ends a process, and waits until it has gone. */
async function ended(process, signal) {
  if (process !== undefined && process.exitCode === null && process.signalCode === null) {
    const gone = new Promise((resolve) => process.once("exit", resolve));
    process.kill(signal);
    await gone;
  }
}

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
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** The first line that a program prints. */
async function firstLine(child, what) {
  const lines = createInterface({ input: child.stdout });
  const line = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("close", () => reject(new Error(`${what} has printed nothing`)));
  });
  return line;
}

/** The scripted model of the Neovim tests, with its script and its log. */
class Model {
  async start(home) {
    this.script = path.join(home, "script.json");
    this.logFile = path.join(home, "upstream.jsonl");
    await writeFile(this.script, "{}");
    await writeFile(this.logFile, "");
    const program = path.join(ROOT, "tests/editors/nvim/upstream.py");
    this.child = spawn("python3", [program, this.script, this.logFile], { stdio: ["pipe", "pipe", "inherit"] });
    this.url = `http://127.0.0.1:${(await firstLine(this.child, "the model")).trim()}`;
  }

  /** What each section is answered with from now on; see the head of upstream.py. */
  async plays(script) {
    await rm(`${this.script}.go`, { force: true });
    await writeFile(this.script, JSON.stringify(script));
  }

  /** Lets go what the script holds. */
  async goesOn() {
    await writeFile(`${this.script}.go`, "");
  }

  async log() {
    return (await readFile(this.logFile, "utf8")).split("\n").filter(Boolean).map((line) => JSON.parse(line));
  }

  async requests(perspective) {
    return (await this.log()).filter((entry) => entry.event === "request" && entry.perspective === perspective);
  }

  stop() {
    this.child?.kill();
  }
}

/** A home with its settings and runs, a model, and `kaizodo serve` as often as it is started. */
export class Home {
  model = new Model();

  static async make(lang = "ja") {
    const home = new Home();
    home.folder = await mkdtemp(path.join(tmpdir(), "kaizodo-page-"));
    home.lang = lang === "ja" ? "ja_JP.UTF-8" : "en_US.UTF-8";
    await home.model.start(home.folder);
    return home;
  }

  get #env() {
    return {
      PATH: process.env.PATH,
      HOME: this.folder,
      LANG: this.lang,
      OPENAI_API_KEY: KEY,
      OPENAI_BASE_URL: this.model.url,
      KAIZODO_MODEL: "scripted",
    };
  }

  /** Starts the server; gives the address that it prints. */
  async serve(more = {}) {
    const env = { ...this.#env, ...more };
    const args = ["serve", "--port", "0", "--json"];
    this.server = spawn(PROGRAM, args, { env, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    this.said = "";
    this.server.stderr.on("data", (data) => (this.said += data));
    const { url } = JSON.parse(await firstLine(this.server, `the server (${this.said})`));
    this.url = url;
    return url;
  }

  /** An editor's server, which goes with its test; gives the address that its page is opened with. */
  async editor() {
    const server = spawn(PROGRAM, ["lsp"], { env: this.#env, cwd: this.folder, stdio: ["pipe", "pipe", "ignore"] });
    opened.push(() => ended(server, "SIGTERM"));
    const send = (message) => {
      const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
      server.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
      server.stdin.write(body);
    };
    let said = "";
    server.stdout.on("data", (data) => (said += data));
    const answer = (id) => until(`the answer to ${id}`, () => said.includes(`"id":${id}`));
    send({ id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {} } });
    await answer(1);
    send({ method: "initialized", params: {} });
    send({ id: 2, method: "workspace/executeCommand", params: { command: "kaizodo.browse" } });
    await answer(2);
    return /"uri":"([^"]+)"/.exec(said)[1];
  }

  /** Starts the server anew with these settings of the user. */
  async configure(settings) {
    const folder = path.join(this.folder, ".config/kaizodo");
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, "config.toml"), settings);
    await this.interrupt();
    await this.serve();
  }

  /** Asks one perspective about a text, past the page, and waits for the run's end. */
  async asks(text) {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    const body = JSON.stringify({ text, perspectives: ["depth"] });
    await (await fetch(`${this.origin}/v1/runs`, { method: "POST", headers, body })).text();
  }

  /** Another process that asks about a text; it goes with its test. */
  elsewhere(text) {
    const other = spawn(PROGRAM, ["run", "--text", text], { env: this.#env, cwd: this.folder, stdio: "ignore" });
    opened.push(() => ended(other, "SIGTERM"));
  }

  get origin() {
    return new URL(this.url).origin;
  }

  get token() {
    return new URLSearchParams(new URL(this.url).hash.slice(1)).get("token");
  }

  /** Ends the server as ^C does, and waits until it has gone. */
  async interrupt() {
    await ended(this.server, "SIGINT");
  }

  async remove() {
    // One that is still ending writes into its folder.
    await ended(this.server, "SIGTERM");
    this.model.stop();
    if (ARTIFACTS) {
      await cp(this.folder, path.join(ARTIFACTS, "web", path.basename(this.folder)), { recursive: true });
      await keep(`${path.basename(this.folder)}.log`, this.said ?? "");
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A door to a server that can be shut: what has come through is cut off then, and nothing gets in. */
export class Door {
  #sockets = new Set();
  #open = true;

  static async to(port) {
    const door = new Door();
    door.server = createServer((socket) => door.#pass(socket, port));
    await new Promise((resolve) => door.server.listen(0, "127.0.0.1", resolve));
    door.port = door.server.address().port;
    return door;
  }

  #pass(socket, port) {
    socket.on("error", () => {});
    if (!this.#open) {
      socket.destroy();
      return;
    }
    const other = connect(port, "127.0.0.1");
    other.on("error", () => socket.destroy());
    socket.pipe(other).pipe(socket);
    for (const end of [socket, other]) {
      this.#sockets.add(end);
      end.on("close", () => this.#sockets.delete(end));
    }
  }

  shut() {
    this.#open = false;
    this.#sockets.forEach((socket) => socket.destroy());
  }

  open() {
    this.#open = true;
  }

  close() {
    this.shut();
    this.server.close();
  }
}

let browser;
let pages = 0;
const opened = [];
/** One browser for a file's tests; what a test has opened is closed behind it. */
export function useBrowser() {
  before(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
      timeout: 60_000,
    });
  }, { timeout: 90_000 });
  after(() => browser?.close());
  afterEach(async () => {
    for (const close of opened.splice(0).reverse()) {
      await close();
    }
  });
}

/** A home that goes with its test. */
export async function homeOf(lang) {
  const home = await Home.make(lang);
  opened.push(() => home.remove());
  await home.serve();
  return home;
}

/** A door that goes with its test. */
export async function doorTo(home) {
  const door = await Door.to(Number(new URL(home.origin).port));
  opened.push(() => door.close());
  return door;
}

/** A browser's window without anything kept. */
export async function windowOf({ width = 1280, height = 900, lang = "ja-JP", ...more } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: lang,
    reducedMotion: "reduce",
    ...more,
  });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  opened.push(() => context.close());
  return context;
}

/** The page in a window. It notes what it asks for, what goes wrong and what its policy refuses. */
export async function openPage(url, context, allowed = () => true) {
  const page = await context.newPage();
  page.setDefaultTimeout(45_000);
  const { origin } = new URL(url);
  page.requests = [];
  page.problems = [];
  await page.route("**/*", (route) => {
    const asked = route.request().url();
    page.requests.push(asked.replace(origin, ""));
    return asked.startsWith(`${origin}/`) && allowed(asked) ? route.continue() : route.abort();
  });
  page.on("pageerror", (error) => page.problems.push(String(error)));
  page.on("console", (message) => {
    // The browser itself reports a connection that was refused, and statuses that are no success.
    if (message.type() === "error" && !/Failed to load resource|ERR_/.test(message.text())) {
      page.problems.push(message.text());
    }
  });
  page.on("framenavigated", (frame) => frame.url().startsWith(`${origin}/`) || page.problems.push(`went to ${frame.url()}`));
  context.on("page", (other) => other !== page && page.problems.push(`opened ${other.url()}`));
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  const shown = (pages += 1);
  opened.push(async () => page.isClosed() || keep(`${process.pid}-${shown}.html`, await page.content()));
  await page.goto(url);
  await page.locator(".pane").first().waitFor();
  return page;
}

/** Types a text and presses Start. */
export async function start(page, text) {
  await page.locator("#text").fill(text);
  await page.locator(".start").click();
  await page.locator('.pane[data-branch]').first().waitFor();
}

export const pane = (page, branch) => page.locator(`.pane[data-branch="${branch}"]`);

/** Waits until a section looks so. */
export async function looks(page, branch, look) {
  await page.locator(`.pane[data-branch="${branch}"][data-look="${look}"]`).waitFor();
}

/** Waits until all sections have ended. */
export async function isOver(page) {
  await until("the run's end", () => page.evaluate(() => {
    const panes = [...document.querySelectorAll(".pane[data-branch]")];
    return panes.length > 0 && panes.every((pane) => !pane.classList.contains("alive"));
  }));
}

export const shot = (page, name, options = {}) =>
  page.screenshot({ path: path.join(import.meta.dirname, "out", `${name}.png`), ...options });
