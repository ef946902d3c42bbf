// Makes what the page shares with the VS Code extension's grid: `shared.js`, the fold, the states' words and the inert
// Markdown, and `shared.css`, the style of an answer. Both are committed, since `cargo install` has no npm.
//
//   node bundle.mjs            writes them
//   node bundle.mjs --check    fails where they are not what the sources give

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { notices } from "../../editors/vscode/notices.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const vscode = "../../editors/vscode";
const page = (name) => here(`../../src/web/page/${name}`);

/** The files by their names, as the sources give them. */
export async function bundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: here("."),
    entryPoints: [here(`${vscode}/src/grid/core/index.ts`)],
    outfile: "shared.js",
    write: false,
    metafile: true,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 120,
    charset: "utf8",
    legalComments: "inline",
    nodePaths: [here("node_modules")],
    logLevel: "warning",
  });
  const folders = Object.keys(metafile.inputs).flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
  const others = notices([...new Set(folders)].map((folder) => path.resolve(here("."), folder)), false).replace("This package", "This file");
  const made = "Made by tests/web/bundle.mjs from editors/vscode";
  return {
    "shared.js": `// ${made}/src/grid/core.\n/*!\n${others.replaceAll("*/", "* /").trim()}\n*/\n${outputFiles[0].text}`,
    "shared.css": `/* ${made}/media/grid/answer.css. */\n\n${await readFile(here(`${vscode}/media/grid/answer.css`), "utf8")}`,
  };
}

/** The names of those that are not what is committed. */
export async function stale() {
  const made = Object.entries(await bundle());
  const differ = await Promise.all(made.map(async ([name, text]) => (await readFile(page(name), "utf8").catch(() => "")) !== text));
  return made.map(([name]) => name).filter((_, i) => differ[i]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const names = await stale();
    if (names.length > 0) {
      console.error(`src/web/page: ${names.join(", ")} differ from their sources; run \`node tests/web/bundle.mjs\``);
      process.exit(1);
    }
  } else {
    for (const [name, text] of Object.entries(await bundle())) {
      await writeFile(page(name), text);
    }
  }
}
