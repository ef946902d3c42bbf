// Runs all tests; ends with `N passed, N failed`.

import { run } from "node:test";
import { fileURLToPath } from "node:url";

const files = ["panels", "names"].map((name) => fileURLToPath(new URL(`${name}.test.mjs`, import.meta.url)));
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
for await (const _ of tests) {
  // The listeners above see every event; the stream must be read to its end.
}
console.log(`${counts.pass} passed, ${counts.fail} failed`);
process.exit(counts.fail === 0 && counts.pass > 0 ? 0 : 1);
