// Runs all tests; ends with `N passed, N failed`.

import { fileURLToPath } from "node:url";
import { runTests } from "../shared/run-tests.mjs";

await runTests(["panels", "names", "renderers"].map((name) => fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url))));
