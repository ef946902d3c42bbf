// A test is a name and a function that throws.

/** The longest that one run of a test may take, in milliseconds. */
const LIMIT = 120_000;

export function checks(word) {
  const count = { passed: 0, again: 0, failed: 0 };
  /** A test in a window that `canRetry` is run once more where something that it waited for did not come. */
  const test = async (name, body, onFailure, canRetry = false) => {
    if (!name.includes(word)) {
      return;
    }
    for (const attempt of [1, 2]) {
      const error = await failure(body);
      if (error === undefined) {
        count.passed += 1;
        count.again += attempt - 1;
        console.log(`ok    ${name}`);
        return;
      }
      const isLast = attempt === 2 || !canRetry || !isWait(error);
      console.log(`${isLast ? "FAIL " : "AGAIN"} ${name}\n      ${error.stack ?? error}`);
      await onFailure?.(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
      if (isLast) {
        count.failed += 1;
        return;
      }
    }
  };
  const finish = () => {
    const again = count.again > 0 ? ` (${count.again} of them the second time)` : "";
    console.log(`${count.passed} passed${again}, ${count.failed} failed`);
    return count.failed === 0 && count.passed > 0 ? 0 : 1;
  };
  return { test, finish };
}

/** Something that a test waited for did not come in time. */
export class Waited extends Error {}

/** Whether something did not come in time: for a test of ours, or for Playwright. */
function isWait(error) {
  return error instanceof Waited || error?.name === "TimeoutError";
}

/** What a test throws; nothing if it passes. */
async function failure(body) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Waited(`took longer than ${LIMIT / 1000} s`)), LIMIT);
  });
  try {
    await Promise.race([body(), late]);
    return undefined;
  } catch (error) {
    return error ?? new Error("threw nothing");
  } finally {
    clearTimeout(timer);
  }
}
