// Bundles the extension. What activation loads (extension.js) is apart from what the first use loads (app.js, and the
// grid for those who chose it), so that starting the editor costs next to nothing.

import { build } from "esbuild";

const common = { bundle: true, minify: true, logLevel: "warning", legalComments: "none" };

await build({
  ...common,
  entryPoints: ["src/extension.ts", "src/app.ts", "src/grid/index.ts"],
  outbase: "src",
  outdir: "dist",
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode", "./app.js", "./grid/index.js"],
});

await build({
  ...common,
  entryPoints: ["src/grid/webview.ts"],
  outfile: "media/grid/webview.js",
  platform: "browser",
  target: "es2022",
  format: "iife",
});
