// Parts of the page that need no browser.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { random } from "../editors/shared/random.mjs";
import { Messages } from "../../src/web/page/sse.js";
import { stale } from "./bundle.mjs";

const page = new URL("../../src/web/page/", import.meta.url);
const read = (name) => readFileSync(new URL(name, page), "utf8");

test("what is shared with the grid is what its sources give", async () => {
  assert.deepEqual(await stale(), [], "run `node tests/web/bundle.mjs`");
});

test("a stream of events says the same however it is cut", () => {
  const stream = [
    "retry: 1000\n\n",
    'id: 1\ndata: {"seq":1,"text":"会議が長い"}\n\n',
    ": \n\n",
    'id:2\r\ndata: {"seq":2}\r\n\r\n',
    "data: a\ndata: b\n\n",
    "id: 7\rdata:  c: d\r\r",
    "data\n\n",
    "id: 8\ndata: the end is not there\n",
  ].join("");
  const whole = [
    { id: "1", data: '{"seq":1,"text":"会議が長い"}' },
    { id: "2", data: '{"seq":2}' },
    { id: "2", data: "a\nb" },
    { id: "7", data: " c: d" },
    { id: "7", data: "" },
  ];
  const next = random(14);
  for (let round = 0; round < 500; round += 1) {
    const messages = new Messages();
    const heard = [];
    for (let at = 0; at < stream.length; ) {
      const length = 1 + Math.floor(next() ** 2 * (round % 2 === 0 ? 4 : 60));
      heard.push(...messages.take(stream.slice(at, at + length)));
      at += length;
    }
    assert.deepEqual(heard, whole);
  }
});

test("only one of the page's scripts makes elements of a text", () => {
  const sinks = /innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write|createContextualFragment|setHTMLUnsafe|srcdoc|\beval\b|new Function|import\(/;
  const own = readdirSync(page).filter((name) => name.endsWith(".js") && name !== "shared.js");
  assert.ok(own.length >= 10, `${own.length}`);
  const code = (name) => read(name).replace(/\/\*[^]*?\*\//g, "");
  assert.deepEqual(own.filter((name) => sinks.test(code(name))), ["inert.js"]);
  assert.deepEqual(own.filter((name) => read(name).includes("createPolicy")), ["inert.js"]);
});

test("nothing of the page comes from elsewhere, and every script is checked", () => {
  for (const name of readdirSync(page).filter((file) => !file.startsWith("shared."))) {
    const addresses = read(name).match(/(?:https?:)?\/\/[a-z0-9.-]+\.[a-z]{2,}[^\s"'`]*/gi) ?? [];
    assert.deepEqual(addresses.filter((address) => !/w3\.org\/(2000\/svg|1999\/xhtml)/.test(address)), [], name);
    if (name.endsWith(".js")) {
      assert.ok(read(name).startsWith("// @ts-check\n"), name);
    }
  }
});

test("all of the page's files are in the program", () => {
  const server = readFileSync(new URL("../page.rs", page), "utf8");
  const files = readdirSync(page).filter((name) => !name.endsWith(".d.ts"));
  assert.deepEqual(files.filter((name) => !server.includes(`"${name}"`)), []);
});

test("both languages have the same words", () => {
  const source = read("words.js");
  const part = (from, to) => source.slice(source.indexOf(from), source.indexOf(to)).match(/^ {2}(\w+): "(.*)",$/gm) ?? [];
  const [en, ja] = [part("const en = {", "@typedef"), part("const ja = {", "const KEY")];
  const keys = (lines) => lines.map((line) => line.trim().split(":")[0]);
  assert.ok(en.length > 40);
  assert.deepEqual(keys(ja), keys(en));
  const fields = (line) => (line.match(/\{\w+\}/g) ?? []).sort();
  en.forEach((line, i) => assert.deepEqual(fields(ja[i]), fields(line), line));
});
