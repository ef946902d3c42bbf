// A test is a name and a function that throws.

/** The longest that one test may take, in milliseconds. */
const LIMIT = 120_000;

export function checks(word) {
  let passed = 0;
  let failed = 0;
  const test = async (name, body, onFailure = async () => undefined) => {
    if (!name.includes(word)) {
      return;
    }
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${LIMIT / 1000} s`)), LIMIT);
    });
    try {
      await Promise.race([body(), late]);
      passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAIL  ${name}\n      ${error.stack ?? error}`);
      await onFailure(`failed-${name.replace(/\W+/g, "-").slice(0, 40)}`);
    } finally {
      clearTimeout(timer);
    }
  };
  const finish = () => {
    console.log(`${passed} passed, ${failed} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  };
  return { test, finish };
}
