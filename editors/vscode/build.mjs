// Bundles the extension. What activation loads (extension.js) is apart from what the first use loads (app.js, and the
// grid for those who chose it), so that starting the editor costs next to nothing.

import { rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const common = { bundle: true, minify: true, metafile: true, logLevel: "warning", legalComments: "none" };

rmSync("dist", { recursive: true, force: true });

const extension = await build({
  ...common,
  entryPoints: ["src/extension.ts", "src/app.ts", "src/grid/index.ts"],
  outbase: "src",
  outdir: "dist",
  platform: "node",
  target: "node20",
  format: "cjs",
  external: ["vscode", "./app.js", "./grid/index.js"],
});

const forBrowser = { ...common, platform: "browser", target: "es2022", format: "iife" };
const page = await build({ ...forBrowser, entryPoints: ["src/grid/webview.ts"], outfile: "media/grid/webview.js" });
await build({ ...forBrowser, entryPoints: ["src/rendered.ts"], outfile: "dist/rendered.js" });

// Whose work is in the bundles, for the notices in the package.
const inputs = [extension, page].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const modules = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
writeFileSync("node_modules/.kaizodo-bundled.json", JSON.stringify([...new Set(modules)].sort()));
