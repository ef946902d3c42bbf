// Tests the page: its parts in node, and all of it in a real browser on the real program.
//
//   node main.mjs [WORD]   runs all tests, or those of the files whose name has the word; ends with `N passed, N failed`
//
// CHROMIUM names the browser (default: /usr/bin/chromium), KAIZODO_BIN the program. Screenshots are left in out/.

import { mkdirSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runTests } from "../editors/shared/run-tests.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const word = process.argv[2] ?? "";

mkdirSync(here("out"), { recursive: true });
const files = readdirSync(here(".")).filter((name) => name.endsWith(".test.mjs") && name.includes(word));
await runTests(files.sort().map(here));
