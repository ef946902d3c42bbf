// Builds the grid by itself and tests it: its parts in node, its page in a real browser.
//
//   node main.mjs          runs all tests; ends with `N passed, N failed`
//
// CHROMIUM names the browser (default: /usr/bin/chromium). Screenshots are left in out/.

import { build } from "esbuild";
import { mkdirSync } from "node:fs";
import { run } from "node:test";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
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

const files = ["fold", "text", "host", "page", "hostile", "reader"].map((name) => here(`${name}.test.mjs`));
const counts = { pass: 0, fail: 0 };
const tests = run({ files, concurrency: 1, timeout: 180_000 });
tests.on("test:pass", ({ name, details, nesting }) => {
  if (nesting === 0) {
    counts.pass += 1;
    console.log(`ok      ${name} (${Math.round(details.duration_ms)} ms)`);
  }
});
tests.on("test:fail", ({ name, details }) => {
  counts.fail += 1;
  console.log(`FAILED  ${name}\n${details.error.cause?.stack ?? details.error.message}`);
});
tests.on("test:diagnostic", ({ message }) => {
  if (message.startsWith("note:")) {
    console.log(`        ${message}`);
  }
});
for await (const _ of tests) {
  // The listeners above see every event; the stream must be read to its end.
}
console.log(`${counts.pass} passed, ${counts.fail} failed`);
process.exit(counts.fail === 0 && counts.pass > 0 ? 0 : 1);
