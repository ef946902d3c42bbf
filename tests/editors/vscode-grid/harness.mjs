// The grid's page in a real browser, with an editor around it that only records.

import { chromium } from "playwright-core";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { pageHtml, wordsFor, empty } from "./out/units.mjs";
import { themes, variables } from "./themes.mjs";

const file = (path) => readFile(new URL(path, import.meta.url));
const media = "../../../editors/vscode/media/grid";
const styles = ["grid.css", "pane.css", "answer.css"];

export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
    timeout: 60_000,
  });
  const server = createServer((request, response) => {
    serve(request.url).then(
      ([type, body]) => response.writeHead(200, { "content-type": type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    open: (options) => openPage(browser, origin, options),
    async close() {
      await browser.close();
      server.close();
    },
  };
}

async function serve(url) {
  switch (url) {
    case "/":
      return ["text/html", pageHtml({ script: "webview.js", styles, nonce: "Tm9uY2U", language: "ja" })];
    case "/webview.js":
      return ["text/javascript", await file("out/webview.js")];
    default:
      if (styles.includes(url.slice(1))) {
        return ["text/css", await file(`${media}${url}`)];
      }
      throw new Error(`nothing at ${url}`);
  }
}

/** A page that is told a run's start and then what `send` gives it. */
async function openPage(browser, origin, options = {}) {
  const { theme = "light", language = "ja", title = "会議が長い", width = 1100, height = 760, run = empty, foldViews = true } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: options.reducedMotion ?? "no-preference",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const requests = [];
  const problems = [];
  await context.route("**/*", (route) => {
    requests.push(route.request().url().replace(origin, ""));
    return route.request().url().startsWith(`${origin}/`) ? route.continue() : route.abort();
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("framenavigated", (frame) => frame.url() !== `${origin}/` && problems.push(`went to ${frame.url()}`));
  context.on("page", (other) => other !== page && problems.push(`opened ${other.url()}`));
  await page.addInitScript(
    ({ values, body, kept }) => {
      // A frame that is asked for and has not come: the page has something left to draw.
      window.framesDue = 0;
      window.frame = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (draw) => {
        window.framesDue += 1;
        return window.frame((time) => {
          draw(time);
          window.framesDue -= 1;
        });
      };
      window.said = [];
      window.violations = [];
      window.kept = kept;
      window.acquireVsCodeApi = () => ({
        postMessage: (message) => window.said.push(message),
        getState: () => window.kept,
        setState: (state) => (window.kept = state),
      });
      document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective));
      document.addEventListener("DOMContentLoaded", () => {
        document.body.className = body;
        values.forEach(([name, value]) => document.documentElement.style.setProperty(name, value));
      });
    },
    { values: variables(themes[theme]), body: themes[theme].body, kept: options.kept },
  );
  await page.goto(`${origin}/`);
  const send = (message) =>
    page.evaluate(async (data) => {
      window.dispatchEvent(new MessageEvent("message", { data }));
      do {
        await new Promise((resolve) => window.frame(() => window.frame(resolve)));
      } while (window.framesDue > 0);
    }, message);
  await send({ type: "start", id: "r1", title, words: wordsFor(language), language, run, foldViews });
  return {
    page,
    requests,
    problems,
    send,
    said: () => page.evaluate(() => window.said.splice(0)),
    violations: () => page.evaluate(() => window.violations),
    pane: (branch) => page.locator(`[data-branch="${branch}"]`),
    body: (branch) => page.locator(`[data-branch="${branch}"] .body`),
    focused: () => page.evaluate(() => document.activeElement?.closest(".pane")?.dataset.branch ?? null),
    close: () => context.close(),
  };
}
