// A test is a name and a function that throws.

/** The longest that one run of a test may take, in milliseconds. */
const LIMIT = 300_000;
/** How long one that took longer is waited for, since it would go on typing beside the next. */
const SETTLES = 60_000;

export function checks(word) {
  const count = { passed: 0, again: 0, failed: 0 };
  /** A test that has `onFailure` is in a window, where a busy machine can come between two key presses: it is run once more. */
  const test = async (name, body, onFailure) => {
    if (!name.includes(word)) {
      return;
    }
    for (const isLast of onFailure === undefined ? [true] : [false, true]) {
      const error = await failure(body);
      if (error === undefined) {
        count.passed += 1;
        count.again += isLast && onFailure !== undefined ? 1 : 0;
        console.log(`ok    ${name}`);
        return;
      }
      console.log(`${isLast ? "FAIL " : "AGAIN"} ${name}\n      ${error.stack ?? error}`);
      await onFailure?.(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
    }
    count.failed += 1;
  };
  const finish = () => {
    const again = count.again > 0 ? ` (${count.again} of them the second time)` : "";
    console.log(`${count.passed} passed${again}, ${count.failed} failed`);
    return count.failed === 0 && count.passed > 0 ? 0 : 1;
  };
  return { test, finish };
}

/** What a test throws; nothing if it passes. */
async function failure(body) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT / 1000} s`)), LIMIT);
  });
  const running = Promise.resolve().then(body);
  try {
    await Promise.race([running, late]);
    return undefined;
  } catch (error) {
    await Promise.race([running.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, SETTLES))]);
    return error ?? new Error("threw nothing");
  } finally {
    clearTimeout(timer);
  }
}
