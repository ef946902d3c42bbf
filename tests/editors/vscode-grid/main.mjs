// Builds the grid by itself and tests it: its parts in node, its page in a real browser.
//
//   node main.mjs [WORD]   runs all tests, or those of the files whose name has the word; ends with `N passed, N failed`
//
// CHROMIUM names the browser (default: /usr/bin/chromium). Screenshots are left in out/.

import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runTests } from "../shared/run-tests.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const word = process.argv[2] ?? "";
const grid = "../../../editors/vscode/src/grid";
const common = { bundle: true, logLevel: "warning", nodePaths: [here("node_modules")] };

mkdirSync(here("out"), { recursive: true });
await build({
  ...common,
  entryPoints: [here(`${grid}/webview.ts`)],
  outfile: here("out/webview.js"),
  platform: "browser",
  format: "iife",
  target: "es2022",
  minify: true,
});
await build({
  ...common,
  entryPoints: [here("units.ts")],
  outfile: here("out/units.mjs"),
  platform: "node",
  format: "esm",
  alias: { vscode: here("fake-vscode.mjs") },
});

await runTests(["core", "fold", "text", "host", "page", "focus", "hostile", "reader", "work"].filter((name) => name.includes(word)).map((name) => here(`${name}.test.mjs`)));
