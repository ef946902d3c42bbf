// One browser for a file's tests, and pages that are closed after each.

import { after, afterEach, before } from "node:test";
import { readEvent } from "./out/units.mjs";
import { openBrowser } from "./harness.mjs";
import * as s from "./script.mjs";

let browser;
const open = [];
before(async () => {
  browser = await openBrowser();
}, { timeout: 90_000 });
after(() => browser?.close());
afterEach(async () => {
  await Promise.all(open.splice(0).map((grid) => grid.close()));
});

/** A page that has been sent the events; `play` sends more. */
export async function gridWith(events, options) {
  const grid = await browser.open(options);
  open.push(grid);
  let next = 1;
  grid.play = async (more) => {
    const stamped = s.stamp(more, next).map(readEvent);
    next += more.length;
    await grid.send({ type: "events", events: stamped });
  };
  await grid.play(events);
  return grid;
}

export const lines = (n, from = 0) => Array.from({ length: n }, (_, i) => `行 ${from + i}`).join("\n\n") + "\n\n";
export const texts = (grid, selector) => grid.page.locator(selector).allInnerTexts();
