// Hostile answers that meet every bound, in the renderers that people read panels with.

import assert from "node:assert/strict";
import test from "node:test";
import { examples } from "./examples.mjs";
import { panels, titles } from "./program.mjs";
import { renderers } from "./renderers.mjs";

/** How many answers there are of each construct. */
const COUNT = 200;

for (const [name, render] of Object.entries(renderers)) {
  test(`${name} shows what is not made inert`, () => {
    const raw = "# x\n\n<img src=x> ![a](http://x.test/y) [a](command:b)\n\n```\n```~\n## own\n```\n\n## y\n";
    const { found, headings } = render(raw);
    assert.ok(found.length >= 3, found.join("\n"));
    assert.deepEqual(headings, ["x", "y"]);
  });
}

for (const [construct, answers] of examples(COUNT)) {
  test(`${construct}: nothing is live in ${Object.keys(renderers).length} renderers`, async () => {
    assert.equal(answers.length, COUNT);
    const all = await panels(answers);
    assert.equal(all.length, COUNT / titles.length);
    all.forEach((panel, i) => {
      for (const [name, render] of Object.entries(renderers)) {
        const { found, headings } = render(panel);
        const message = `${name}, answers from ${4 * i} on: ${JSON.stringify(answers.slice(4 * i, 4 * i + 4))}\n${panel}`;
        assert.deepEqual(found, [], message);
        assert.deepEqual(headings, ["解像度 · Builds are slow.", ...titles], message);
      }
    });
  });
}
