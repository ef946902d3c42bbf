// The grid's core in a page of its own: bundled as a plain module, without an editor around it.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";
import { build } from "esbuild";
import * as s from "./script.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const core = here("../../../editors/vscode/src/grid/core");
const styles = here("../../../editors/vscode/media/grid");

test("the core is a plain module for any browser page, and folds and renders a run there", async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [`${core}/index.ts`],
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    nodePaths: [here("node_modules")],
    logLevel: "warning",
  });
  const own = Object.keys(metafile.inputs).filter((file) => !file.includes("node_modules/"));
  assert.ok(own.length > 5 && own.every((file) => file.includes("src/grid/core/")), String(own));
  const page = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
  const events = s.stamp([s.started(s.four), s.start("depth"), s.delta("depth", "- **会議**が長い <b>\n"), s.done("depth")]);
  const run = page.fold(page.empty, events.map(page.readEvent));
  const [depth] = run.panes;
  assert.equal(page.statusOf(depth, page.wordsFor("ja"), "ja").text, "完了");
  const { settled, open } = new page.GrowingText(page.inertMarkdown()).render(depth.text);
  assert.match(settled + open, /<li[^>]*><strong>会議<\/strong>が長い &lt;b&gt;<\/li>/);
});

test("the core names no editor, no webview and no element, and its styles no colour that an editor must give", () => {
  for (const file of readdirSync(core)) {
    const text = readFileSync(`${core}/${file}`, "utf8");
    assert.doesNotMatch(text, /from "(vscode|node:|\.\.\/)|acquireVsCodeApi|\bdocument\.\w|\bwindow\.\w|lib="dom"/, file);
  }
  for (const file of readdirSync(styles).filter((name) => name.endsWith(".css"))) {
    const text = readFileSync(`${styles}/${file}`, "utf8");
    assert.doesNotMatch(text, /var\(--vscode-[\w-]+\)/, `${file}: without a fallback`);
  }
});
