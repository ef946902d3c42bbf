// Runs test files of node:test and prints a line for each test.

import { run } from "node:test";

/** A few that fail are run once more by themselves, since they keep to real time on a machine that others use, too. */
const FEW = 3;

/**
 * Runs the files one after the other, prints `N passed, N failed` at the end and ends the process with what came of it.
 * What failed and passed by itself is named by AGAIN.
 */
export async function runTests(files) {
  const first = await runOnce({ files });
  const isFew = first.failed.length > 0 && first.failed.length <= FEW;
  if (isFew) {
    first.failed.forEach(({ name }) => console.log(`AGAIN   ${name}`));
  }
  const second = isFew ? await runOnce(only(first.failed)) : { passed: [], failed: first.failed };
  // A name that was not found again has not passed.
  const failed = first.failed.length - second.passed.length;
  const passed = first.passed.length + second.passed.length;
  const again = second.passed.length > 0 ? ` (${second.passed.length} of them the second time)` : "";
  console.log(`${passed} passed${again}, ${failed} failed`);
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

/** @param {{ name: string, file: string }[]} tests */
function only(tests) {
  const exactly = (name) => new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
  return {
    files: [...new Set(tests.map(({ file }) => file))],
    testNamePatterns: tests.map(({ name }) => exactly(name)),
  };
}

/** Prints a line for each test, and gives those that passed and those that failed. */
async function runOnce(which) {
  const passed = [];
  const failed = [];
  const tests = run({ ...which, concurrency: 1, timeout: 600_000 });
  tests.on("test:pass", ({ name, file, details, nesting, skip }) => {
    if (nesting === 0 && skip === undefined) {
      passed.push({ name, file });
      console.log(`ok      ${name} (${Math.round(details.duration_ms)} ms)`);
    }
  });
  tests.on("test:fail", ({ name, file, details, nesting }) => {
    if (nesting === 0) {
      failed.push({ name, file });
    }
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
  return { passed, failed };
}
