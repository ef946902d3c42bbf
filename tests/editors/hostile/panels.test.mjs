// Hostile answers, from the model's stream to the rendered page: nothing is loaded, nothing runs, no link hides its target.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import MarkdownIt12 from "markdown-it-12";
import MarkdownIt15 from "markdown-it-15";
import { disguised, hidden, live, preview } from "./preview.mjs";
import { data, panels, titles } from "./program.mjs";
import { random } from "../shared/random.mjs";

let browser;
let sink;
/** The requests that reached the server which all hostile addresses name. */
let reached = 0;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
    timeout: 30_000,
  });
  sink = createServer((_, response) => {
    reached += 1;
    response.writeHead(200).end();
  });
  await new Promise((resolve) => sink.listen(0, "127.0.0.1", resolve));
}, { timeout: 60_000 });
after(async () => {
  await browser?.close();
  sink?.close();
});

const here = () => `127.0.0.1:${sink.address().port}`;
const aimed = (texts) => texts.map((text) => text.replaceAll("SINK", here()));

/**
 * Everything that a page asked for, ran or would follow. No policy stands in its way, as in a preview that allows all. The
 * page stays open until `isEnough`, for some seconds at most.
 */
async function opened(documents, isEnough = () => true) {
  const page = await browser.newPage();
  const asked = [];
  const said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("dialog", (dialog) => {
    said.push(dialog.message());
    dialog.dismiss();
  });
  await page.route("**/*", (route) => (route.request().url().startsWith(`http://${here()}/`) ? route.continue() : route.abort()));
  const html = documents.map((d) => `<section>${d}</section>`).join("\n");
  await page.setContent(`<!DOCTYPE html><body>${html}</body>`, { waitUntil: "load", timeout: 120_000 });
  await page.waitForTimeout(300);
  for (let left = 100; left > 0 && !isEnough(); left -= 1) {
    await page.waitForTimeout(100);
  }
  const found = await page.evaluate(() => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    const plain = /^(section|h[1-6]|p|ul|ol|li|pre|code|em|strong|s|blockquote|hr|br|a|table|thead|tbody|tr|th|td)$/i;
    return {
      sections: all("section").map((section) => [...section.querySelectorAll("h1, h2")].map((h) => h.textContent)),
      links: all("a").map((a) => [a.getAttribute("href"), a.textContent]),
      odd: all("body *").filter((e) => !plain.test(e.tagName)).map((e) => e.outerHTML.slice(0, 120)),
      attributes: all("body *").flatMap((e) => [...e.attributes].map((a) => `${e.tagName} ${a.name}=${a.value}`)),
      text: document.body.innerText,
      ran: window.ran,
    };
  });
  await page.close();
  return { asked, said, ...found };
}

/** Answers of pieces that mean something to a Markdown parser, by chance and the same each time. */
function mixtures(count) {
  const pieces = [
    "\n", "\n", "\n\n", "  ", "    ", "\t", "# ", "---\n", "===\n", "- ", "1. ", "> ", ":", "```", "~~~", "`", "``", "[", "![", "](", "]:", "][", ")",
    "<img src=http://SINK/x>", "<!--", "-->", "<pre>", "</p>", "<a href=command:x>", "<", ">", "$", "$$", "\\", "|", "|-|", "a|b", "*", "_", "mermaid",
    "::: mermaid\n", "&#x202e;", "&lt;", "\u202e", "\u200b", "\0", "👨‍👩‍👧", "か\u3099", "http://SINK/y", "https://x.y/z", "https://", "http:", "//", "/", "@", "x.y",
    "%E2%80%AE", "%41", "xn--", "аp.jp", "。", "command:x", "✗ ", "· ", "`m` · 1", "_… ", "x", "深さ",
  ];
  const next = random(7);
  const at = (n) => Math.floor(next() * n);
  return Array.from({ length: count }, () => Array.from({ length: 2 + at(30) }, () => pieces[at(pieces.length)]).join(""));
}

function corpus() {
  const { open, inside, behind } = data("fences");
  const escapes = open.flatMap((o) => inside.flatMap((i) => behind.map((b) => `${o}\n${i}\n${b}`)));
  return {
    "images and other loads": data("images").map(([, text]) => text),
    links: data("links").map(([, text]) => text),
    scripts: data("xss"),
    mixtures: mixtures(1000),
    "fence escapes": escapes.filter((_, n) => n % 5 === 0),
  };
}

const least = { "images and other loads": 60, links: 40, scripts: 200, mixtures: 1000, "fence escapes": 500 };

test("without kaizodo the same texts load and link", async () => {
  // Those that do not spoil the rest of a page: a base or an open comment would.
  const simple = /^(inline|angle|upper|in a link|html (img|srcset|picture|svg|link|style|video|audio|object|body|input)|html in|code cut|address)/;
  const loads = data("images").filter(([name]) => simple.test(name));
  const md = preview();
  const found = await opened(aimed([...loads, ...data("links").slice(0, 12)].map(([, text]) => text)).map((text) => md.render(text)), () => reached >= 20);
  const asked = new Set(found.asked.filter((url) => url.includes(here())));
  assert.ok(asked.size >= 20, `${asked.size} loads`);
  assert.ok(reached >= 20, `${reached} requests`);
  assert.ok(found.links.some(([href]) => href.startsWith("command:")), "a command's link is live");
});

for (const [name, texts] of Object.entries(corpus())) {
  test(`${name}: nothing is loaded or run, and links show where they go`, async () => {
    assert.ok(texts.length >= least[name], `${texts.length}`);
    reached = 0;
    const all = await panels(aimed(texts));
    const engines = [MarkdownIt12, MarkdownIt15].map((engine) => preview(engine));
    for (const panel of all) {
      for (const md of engines) {
        assert.deepEqual(live(md, panel), [], panel);
        assert.deepEqual(disguised(md, panel), [], panel);
      }
    }
    const md = preview();
    const found = await opened(all.map((panel) => md.render(panel)));
    assert.deepEqual([found.asked, reached], [[], 0]);
    assert.deepEqual([found.said, found.ran, found.odd], [[], undefined, []]);
    assert.deepEqual(found.sections, all.map(() => ["解像度 · Builds are slow.", ...titles]));
    for (const [href, text] of found.links) {
      assert.match(href, /^https?:\/\//i);
      assert.ok(href === text || decodeURI(href) === text, `${text} leads to ${href}`);
    }
    const known = /^(A href=|CODE class=language-|OL start=|T[HD] style=text-align:(left|center|right)$)/;
    assert.deepEqual(found.attributes.filter((a) => !known.test(a)), []);
    assert.doesNotMatch(found.text, hidden);
  });
}

test("an answer that draws the panel's own lines is quoted", async () => {
  const fake = "- D1 said\n\n_… writing_\n\n✗ Your key was refused. Paste it at https://evil.example\n\n`m` · 120 → 20 tokens · 4.1 s";
  const [panel] = await panels([fake, fake, fake, fake]);
  const page = await browser.newPage();
  await page.setContent(preview().render(panel));
  const outside = await page.locator("body > p").allInnerTexts();
  assert.deepEqual(outside.slice(1).map((text) => text.replace(/\d+\.\d/, "0.0")), [...Array(4).fill("m · 0.0 s"), "Σ 4 requests · 0.0 s"]);
  assert.equal(await page.locator("blockquote").count(), 12);
  await page.close();
});
