// Text: Markdown that only shows, rendered as it grows.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { GrowingText, inertMarkdown, namesIn, neighbour, showHidden, wordsFor, fill, readFromPage, pageHtml } from "./out/units.mjs";
import { random } from "../shared/random.mjs";

const md = inertMarkdown();

test("HTML, images and links of every form are inert", () => {
  const hostile = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "![a](https://evil.example/p.png)",
    "![a][r]\n\n[r]: https://evil.example/r.png",
    "[x](https://evil.example/a)",
    "[x](command:workbench.action.quit)",
    "[x](javascript:alert(1))",
    "[x](data:text/html,hi)",
    "[x](vscode://file/etc/passwd)",
    "<https://evil.example>",
    "[![i](https://evil.example/i.png)](https://evil.example/l)",
    '[x](https://evil.example "onclick=alert(1)")',
    "```<img src=x onerror=alert(1)>\n<b>\n```",
    "|<svg onload=alert(1)>|\n|-|\n|![t](https://evil.example/t.png)|",
    "www.evil.example https://evil.example me@evil.example",
  ];
  for (const text of hostile) {
    const html = md.render(text);
    assert.doesNotMatch(html, /<(img|a|script|svg|iframe|object|link|style|form|input|b)\b/i, text);
    assert.doesNotMatch(html, /\s(href|src|on\w+|style|id|title)\s*=\s*"/i, text);
  }
});

test("a link shows its text and its true target", () => {
  assert.equal(
    md.render("[bank](https://evil.example/a?b=1&c)"),
    '<p><span class="link">bank</span> <span class="target">⟨https://evil.example/a?b=1&amp;c⟩</span></p>\n',
  );
  assert.equal(md.render("<https://a.example/>"), '<p><span class="link">https://a.example/</span></p>\n');
  assert.match(md.render("[x](command:a.b)"), /⟨command:a\.b⟩/);
  // A host that looks like another is shown in the form that cannot.
  assert.match(md.render("[x](https://аpple.com)"), /xn--/);
});

test("an image stays as typed", () => {
  assert.equal(
    md.render("![a cat](https://a.example/p.png)"),
    '<p><span class="typed">![a cat](https://a.example/p.png)</span></p>\n',
  );
});

test("headings stand below the page's own", () => {
  assert.match(md.render("# a"), /<h3>a<\/h3>/);
  assert.match(md.render("###### a"), /<h6>a<\/h6>/);
});

test("a table's columns stand as they are marked, without a style of their own", () => {
  const html = md.render("|a|b|c|\n|:-|:-:|-:|\n|1|2|3|");
  assert.match(html, /<th class="left">a<\/th>\s*<th class="center">b<\/th>\s*<th class="right">c<\/th>/);
  assert.match(html, /<td class="right">3<\/td>/);
  assert.doesNotMatch(html, /style=/);
});

test("a formula is shown as it is written, and money is none", () => {
  const math = (text) => `<code class="math">${text}</code>`;
  assert.equal(md.render("$a_1 * b_1$ と $$c$$"), `<p>${math("$a_1 * b_1$")} と ${math("$$c$$")}</p>\n`);
  assert.equal(md.render("\\(x*y*z\\) \\[a < b\\]"), `<p>${math("\\(x*y*z\\)")} ${math("\\[a &lt; b\\]")}</p>\n`);
  for (const text of ["$5 and $10", "費用は$5、$10。", "$ x$", "\\$a$", "$PATH", "`$a$`"]) {
    assert.doesNotMatch(md.render(text), /math/, text);
  }
  const began = performance.now();
  md.render("\\(".repeat(20_000) + "$a ".repeat(20_000) + "$$".repeat(10_001));
  assert.ok(performance.now() - began < 30_000, `${performance.now() - began} ms`);
});

test("names between backticks are told apart from the sentence, where the backticks are pairs", () => {
  assert.deepEqual(namesIn("run `kaizodo setup` or set `model`."), ["run ", "kaizodo setup", " or set ", "model", "."]);
  for (const sentence of ["", "plain", "a ` alone", "``two``", "`a``b`"]) {
    assert.equal(namesIn(sentence).join("`"), sentence);
    assert.ok(sentence === "`a``b`" || namesIn(sentence).length === 1, sentence);
  }
});

test("hidden characters are shown, emoji and joiners stay", () => {
  assert.equal(showHidden("a\u202eb\u200bc"), "a⟨U+202E⟩b⟨U+200B⟩c");
  assert.equal(showHidden("👩‍👩‍👧‍👦 क्‍ष が ❤️\t\n"), "👩‍👩‍👧‍👦 क्‍ष が ❤️\t\n");
  const data = (name) => JSON.parse(readFileSync(new URL(`../../it/hostile/data/${name}.json`, import.meta.url), "utf8"));
  for (const text of data("kept")) {
    assert.equal(showHidden(`${text} a`), `${text} a`);
  }
  for (const [text, shown] of data("shown")) {
    assert.equal(showHidden(text), shown);
  }
  assert.match(md.render("a&#x202e;b `c\u202e`\n\n```\u2066\nx\u2067\n```"), /U\+202E.*U\+202E.*U\+2066.*U\+2067/s);
});

const pieces = [
  "# 見出し\n", "本文です。", "**強調**", "\n", "\n\n", "- 一\n", "- 二\n  続き\n", "  - 深い\n", "1. a\n", "2) b\n", "```js\n", "```\n", "~~~\n",
  "    code\n", "> 引用\n", "> - x\n", "|a|b|\n|-|-|\n|1|2|\n", "---\n", "===\n", "[a]: http://x\n", "[a]\n", "\r\n", "\r", " ", "\t",
  "👩‍👩‍👧‍👦", "<b>x</b>", "`", "*", "\\", "* * *\n", "   3. c\n\n      d\n", "`````\n", "text ``` text\n", "[a](b\n c)", "$x_1$", "$$", "\\(", "\u0000",
];

test("growing text gives the blocks that the whole text gives, however it is cut", () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const next = random(seed);
    const text = Array.from({ length: 2 + Math.floor(next() * 24) }, () => pieces[Math.floor(next() * pieces.length)]).join("");
    const growing = new GrowingText(md);
    let settled = "";
    let last = { settled: "", open: "" };
    for (let at = 0; at < text.length; ) {
      at = Math.min(text.length, at + 1 + Math.floor(next() * 12));
      last = growing.render(text.slice(0, at));
      settled += last.settled;
    }
    // With the lines of each block.
    assert.equal(settled + last.open, md.render(text, { line: 0 }), `seed ${seed}: ${JSON.stringify(text)}`);
  }
});

test("an open fence is code to its end", () => {
  const growing = new GrowingText(md);
  const first = growing.render("intro\n\n```js\nlet a = 1;\n\n# not a heading\n");
  assert.equal(first.settled, '<p data-lines="0-0">intro</p>\n');
  assert.match(first.open, /^<pre data-lines="2-5"><span class="info">js<\/span><code>let a = 1;\n\n# not a heading\n<\/code>/);
});

test("a page of panes is walked by place", () => {
  const at = (left, top, width = 100, height = 100) => ({ left, top, width, height });
  const square = [at(0, 0), at(110, 0), at(0, 110), at(110, 110)];
  const walk = (boxes, from) => ["left", "right", "up", "down"].map((to) => neighbour(boxes, from, to));
  assert.deepEqual(walk(square, 0), [undefined, 1, undefined, 2]);
  assert.deepEqual(walk(square, 3), [2, undefined, 1, undefined]);
  const wideLast = [at(0, 0), at(110, 0), at(0, 110, 210)];
  assert.deepEqual(walk(wideLast, 1), [0, undefined, undefined, 2]);
  assert.equal(neighbour([at(0, 0), at(0, 110)], 0, "right"), undefined);
});

test("both languages have every word, with the same places to fill", () => {
  const [en, ja] = [wordsFor("en-gb"), wordsFor("ja")];
  assert.notEqual(en.stop, ja.stop);
  assert.equal(wordsFor("java").stop, en.stop);
  const places = (text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(en)) {
    assert.deepEqual(places(en[key]), places(ja[key]), key);
    assert.notEqual(ja[key], "", key);
  }
  assert.equal(fill("{a} {b}", { a: "{b}" }), "{b} {b}");
});

test("only known messages are heard from a page", () => {
  assert.deepEqual(readFromPage({ type: "stop", branch: "a", x: 1 }), { type: "stop", branch: "a" });
  assert.deepEqual(readFromPage({ type: "stop" }), { type: "stop" });
  const ask = { type: "ask", branch: "a", question: "なぜ?" };
  const closer = { type: "look_closer", branch: "a", first: 0, last: 2 };
  assert.deepEqual([readFromPage({ ...ask, run: "r2" }), readFromPage(closer)], [ask, closer]);
  for (const good of [{ type: "mark", branch: "a", line: 3 }, { type: "comment", branch: "a", line: 0, comment: "" }, { type: "do", deed: "as_text" }]) {
    assert.deepEqual(readFromPage(good), good);
  }
  for (const bad of [{ type: "mark", branch: "a", line: -1 }, { type: "mark", branch: "a", line: 1, mark: "burn" }, { type: "comment", branch: "a", line: 1 }, { type: "copy_code" }, { type: "do", deed: "x" }]) {
    assert.equal(readFromPage(bad), undefined);
  }
  const lines = [{ first: 3 }, { last: -1 }, { first: 0.5 }, { first: "0" }, { branch: undefined }];
  for (const bad of [...lines.map((odd) => ({ ...closer, ...odd })), { ...ask, question: 1 }, { ...ask, branch: undefined }]) {
    assert.equal(readFromPage(bad), undefined);
  }
  for (const bad of [null, "stop", {}, { type: "retry" }, { type: "stop", branch: 1 }, { type: "run" }]) {
    assert.equal(readFromPage(bad), undefined);
  }
});

test("the page's policy lets nothing in but its own script and style", () => {
  const html = pageHtml({ script: "s.js", styles: ["g.css", "h.css"], nonce: "N1", language: "ja" });
  assert.match(html, /content="default-src 'none'; script-src 'nonce-N1'; style-src 'nonce-N1'; base-uri 'none'; form-action 'none'"/);
  assert.doesNotMatch(html, /unsafe|\sstyle="|https?:/);
});
