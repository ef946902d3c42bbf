import { openBrowser } from "./harness.mjs";
import { readEvent } from "./out/units.mjs";
import * as s from "./script.mjs";
import { answer, showcase, views, withFocus } from "./texts.mjs";
const browser = await openBrowser();
const shot = async (name, events, options = {}, act = async () => {}) => {
  const grid = await browser.open(options);
  await grid.send({ type: "events", events: s.stamp(events).map(readEvent) });
  await act(grid);
  await grid.page.screenshot({ path: `out/look-${name}.png` });
  console.log(name, grid.problems, await grid.violations());
  await grid.close();
};
await shot("showcase-1100", showcase);
await shot("showcase-470", showcase, { width: 470, height: 1000, theme: "dark" });
const marked = withFocus(s.start("focus"), s.delta("focus", answer), s.done("focus", { cost: 0.000047 }),
  { event: "marked", branch: "focus", item: { line: 4, text: "- 先週も載っていた議題が 12 件のうち 5 件あります。" }, mark: "keep" },
  { event: "marked", branch: "focus", item: { line: 5, text: "- 四つの「また持ち帰り」は、どれも決める人がその場にいない議題でした。" }, mark: "comment", comment: "五つだったはず。" },
  { ...s.ended(), total: { requests: 5, prompt_tokens: 5500, cached_tokens: 4000, completion_tokens: 1600, reasoning_tokens: 12, cost: 0.0247, elapsed_ms: 9100 } });
await shot("focus-800", marked, { width: 800, height: 1000 });
await shot("select-470", marked, { width: 470, height: 900 }, async (grid) => {
  await grid.body("focus").locator("li").first().click({ clickCount: 3 });
  await grid.page.waitForTimeout(100);
});
const key = "api.openai.com rejected the API key (401). Set OPENAI_API_KEY to a valid key and retry.";
await shot("trouble", [s.started(s.five, "en"), ...s.four.flatMap(([b]) => [s.start(b, "gpt-5-mini"), s.failed(b, key, { failure: { kind: "unauthorized", message: key } })]),
  s.failed("focus", "Fewer than two views have written anything.", { failure: { kind: "too_few_views", message: "Fewer than two views have written anything." } }), s.ended("partial")], { language: "en", title: "Long meetings" });
await browser.close();
