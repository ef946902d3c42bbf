// Hostile answers, titles and failures on the page: nothing in them is run, loaded or followed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { homeOf, isOver, openPage, start, useBrowser, windowOf } from "./harness.mjs";
import { pieces } from "./texts.mjs";

useBrowser();

const data = (name) => JSON.parse(readFileSync(new URL(`../it/hostile/data/${name}.json`, import.meta.url), "utf8"));
const { open, inside, behind } = data("fences");
const escapes = open.flatMap((o) => inside.flatMap((i) => behind.map((b) => `${o}\n${i}\n${b}`)));
const corpora = {
  "images and other loads": [60, data("images").map(([, text]) => text)],
  links: [40, data("links").map(([, text]) => text)],
  scripts: [200, data("xss")],
  "fence escapes": [60, escapes.filter((_, n) => n % 50 === 0)],
};

const PLAIN = "h3 h4 h5 h6 p ul ol li pre code em strong s blockquote hr br table thead tbody tr th td span div".split(" ");

for (const [name, [least, texts]] of Object.entries(corpora)) {
  test(`${name}: nothing on the page is run, loaded or followed`, async () => {
    assert.ok(texts.length >= least, `${texts.length}`);
    const home = await homeOf();
    const branches = ["depth", "breadth", "structure", "time", "focus"];
    // Each text is an answer's own block; some stand alone in the last section, some in a refusal.
    const of = (k) => texts.filter((_, i) => i % branches.length === k).join("\n\n----\n\n");
    const script = Object.fromEntries(branches.map((branch, k) => [branch, { chunks: pieces(of(k), 7 + k), delay_ms: 0 }]));
    await home.model.plays(script);
    const page = await openPage(home.url, await windowOf());
    // The text itself, which stands in the title and the history.
    await start(page, texts[3].replace(/\s+/g, " ") || "課題");
    await isOver(page);
    const found = await page.evaluate((plain) => {
      const all = [...document.querySelectorAll(".answer *")];
      return {
        panes: document.querySelectorAll(".pane[data-branch] .answer").length,
        elements: all.length,
        odd: all.filter((e) => !plain.includes(e.localName) || e.namespaceURI !== "http://www.w3.org/1999/xhtml").map((e) => e.outerHTML.slice(0, 120)),
        attributes: [...new Set(all.flatMap((e) => [...e.attributes].map((a) => a.name)))].filter((a) => !["class", "start", "tabindex", "data-lines"].includes(a)),
        styled: document.querySelectorAll("[style], style, iframe, object, embed, form, base, meta[http-equiv], img, video, audio").length,
        links: [...document.querySelectorAll("a, area")].filter((e) => !(e.getAttribute("href") ?? "#run=").startsWith("#run=")).length,
        hidden: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(document.querySelector("main").innerText),
        ran: window.ran,
      };
    }, PLAIN);
    assert.equal(found.panes, 5);
    assert.ok(found.elements > 100, `${found.elements}`);
    assert.deepEqual({ ...found, panes: 5, elements: 0 }, { panes: 5, elements: 0, odd: [], attributes: [], styled: 0, links: 0, hidden: false, ran: undefined });
    await page.evaluate(() => document.querySelectorAll(".answer .link, .answer span, .answer td").forEach((e) => e.click()));
    await page.waitForTimeout(200);
    const asked = [...new Set(page.requests.map((path) => path.replace(/\?.*/, "").replace(/\/v1\/runs\/\w+/, "/v1/runs/ID")))];
    assert.deepEqual(asked.filter((path) => !/^\/(|[a-z-]+\.(js|css|svg)|v1\/(status|perspectives|runs|runs\/ID))$/.test(path)), []);
    assert.deepEqual(page.problems, []);
    assert.deepEqual(await page.evaluate(() => window.violations), []);
  });
}

test("the page's policy stands even where its own scripts would err", async () => {
  const home = await homeOf();
  const page = await openPage(home.url, await windowOf());
  const refused = await page.evaluate(async () => {
    const tried = {};
    const attempt = (name, act) => {
      try {
        act();
        tried[name] = "done";
      } catch (error) {
        tried[name] = error.name;
      }
    };
    attempt("html", () => (document.body.innerHTML = "<b>x</b>"));
    attempt("policy", () => window.trustedTypes.createPolicy("kaizodo", { createHTML: (s) => s }));
    attempt("another policy", () => window.trustedTypes.createPolicy("other", { createHTML: (s) => s }));
    // Later, since what a debugger evaluates itself may do so.
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setTimeout(() => resolve(attempt("eval", () => window.eval("1")))));
    tried.elsewhere = await fetch("http://127.0.0.1:9/").then(() => "done", (error) => error.name);
    return tried;
  });
  assert.deepEqual(refused, { html: "TypeError", policy: "TypeError", "another policy": "TypeError", eval: "EvalError", elsewhere: "TypeError" });
  assert.ok((await page.evaluate(() => window.violations)).length >= 4);
});
