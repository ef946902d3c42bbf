// Runs test files of node:test and prints a line for each test.

import { run } from "node:test";

/** Runs the files one after the other, prints `N passed, N failed` at the end and ends the process with what came of it. */
export async function runTests(files) {
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
}
