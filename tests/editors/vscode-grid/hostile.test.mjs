// The corpus of hostile answers on the grid's page, which renders the raw text of the events itself.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { gridWith } from "./setup.mjs";
import * as s from "./script.mjs";

const data = (name) => JSON.parse(readFileSync(new URL(`../../it/hostile/data/${name}.json`, import.meta.url), "utf8"));

const { open, inside, behind } = data("fences");
const escapes = open.flatMap((o) => inside.flatMap((i) => behind.map((b) => `${o}\n${i}\n${b}`)));

const corpora = {
  "images and other loads": [60, data("images").map(([, text]) => text)],
  links: [40, data("links").map(([, text]) => text)],
  scripts: [200, data("xss")],
  "fence escapes": [120, escapes.filter((_, n) => n % 25 === 0)],
};

for (const [name, [least, texts]] of Object.entries(corpora)) {
  test(`${name}: nothing on the page is run, loaded or followed`, async () => {
    assert.ok(texts.length >= least, `${texts.length}`);
    const events = texts.flatMap((text, i) => {
      const at = (i * 7) % (text.length + 1);
      const branch = `b${i}`;
      const pieces = [text.slice(0, at), text.slice(at)].filter(Boolean);
      return [s.start(branch, text), ...pieces.map((piece) => s.delta(branch, piece)), i % 3 === 0 ? s.failed(branch, text) : s.done(branch)];
    });
    const grid = await gridWith([s.started(texts.map((text, i) => [`b${i}`, text])), ...events]);
    const found = await grid.page.evaluate(() => {
      const all = [...document.querySelectorAll("main .answer *, main .title, main .reason, main .facts")];
      const plain = /^(h[1-6]|p|ul|ol|li|pre|code|em|strong|s|blockquote|hr|br|table|thead|tbody|tr|th|td|span|div)$/i;
      return {
        panes: document.querySelectorAll("main .pane").length,
        odd: all.filter((e) => !plain.test(e.tagName)).map((e) => e.outerHTML.slice(0, 120)),
        // A heading's tooltip says its key.
        attributes: [...new Set(all.flatMap((e) => [...e.attributes].map((a) => a.name).filter((name) => name !== "title" || !e.matches(".title"))))],
        hidden: /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u061c\u180e\ufeff\u{e0000}-\u{e007f}]/u.test(document.body.innerText),
        ran: window.ran,
      };
    });
    assert.equal(found.panes, texts.length);
    assert.deepEqual([found.odd, found.hidden, found.ran], [[], false, undefined]);
    assert.deepEqual(found.attributes.filter((a) => !["class", "start", "id", "hidden", "data-lines", "tabindex"].includes(a)), []);
    assert.equal(await grid.page.locator("main .answer [id]").count(), 0);
    // Every link is clicked at once, as a reader might.
    await grid.page.evaluate(() => document.querySelectorAll(".link").forEach((link) => link.click()));
    await grid.page.waitForTimeout(200);
    assert.deepEqual([...new Set(grid.requests)].sort(), ["/", "/answer.css", "/grid.css", "/pane.css", "/webview.js"]);
    assert.deepEqual(grid.problems, []);
    assert.deepEqual(await grid.violations(), []);
    assert.deepEqual((await grid.said()).filter(({ type }) => type !== "ready"), []);
  });
}
