// Names that are not kaizodo's own: they change no heading of the rendered panel and make no link in it.

import assert from "node:assert/strict";
import test from "node:test";
import { preview, structure } from "./preview.mjs";
import { data, mapped, panel } from "./program.mjs";

/** A run where file, text, perspective, model and error are called so. */
function called(name) {
  const file = `x${[...name.replace(/[/\0]/g, "_")].slice(0, 60).join("")}`;
  const perspective = `---\nname: odd\ndescription: d\ntitle: ${JSON.stringify(name)}\n---\nask\n`;
  return panel((title) => (title === "Time" ? { error: name } : "- D1 said\n"), {
    args: ["-p", "odd,depth,time", file],
    // The command line takes a file with a NUL for no text.
    files: { [file]: `${name.replaceAll("\0", "\u0001")}\nx`, ".config/kaizodo/perspectives/odd.md": perspective },
    name: name.replaceAll("\0", "_"),
  });
}

/** A panel without what its head says of hidden characters in the selection, one line at most. */
function withoutNote(panel) {
  const paragraphs = panel.split("\n\n");
  const notes = paragraphs.filter((p) => p.startsWith("⚠ The selection contains "));
  assert.ok(notes.length <= 1 && !notes.join("").includes("\n"), panel);
  return paragraphs.filter((p) => !notes.includes(p)).join("\n\n");
}

test("fifty names change no structure, and no address in them is a link", async () => {
  const md = preview();
  const plain = structure(md, await called("x"));
  assert.equal(plain.filter((t) => t.startsWith("heading_open")).length, 4);
  const { names } = data("names");
  const all = await mapped(names, 4, called);
  names.forEach((name, i) => assert.deepEqual(structure(md, withoutNote(all[i])), plain, `${JSON.stringify(name)} in ${all[i]}`));
});
