// Makes docs/page.png and docs/page.ja.png: the page of `kaizodo serve` under way.
//
//   node page.mjs     after npm ci in tests/web; KAIZODO_BIN names the program, CHROMIUM the browser

import path from "node:path";
import { createRequire } from "node:module";
import { Home, looks, start, until } from "../web/harness.mjs";
import { answersOf, play, ROOT, SENTENCES, textOf } from "./story.mjs";

const { chromium } = createRequire(path.join(ROOT, "tests/web/harness.mjs"))("playwright-core");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const [language, story] of Object.entries(SENTENCES)) {
  const answers = await answersOf(story);
  // The lower two are still being written.
  const held = { structure: answers.structure.length * (language === "ja" ? 0.8 : 0.21), time: answers.time.length * (language === "ja" ? 0.6 : 0.17) };
  const model = await play(answers, async (name, n) => n >= held[name] && new Promise(() => {}));
  const home = await Home.make(language);
  try {
    await home.serve({ OPENAI_BASE_URL: model.url, KAIZODO_MODEL: "recorded" });
    const page = await browser.newPage({ viewport: { width: 1280, height: 960 }, locale: story.locale, colorScheme: "light" });
    await page.goto(home.url);
    await until("who is asked", async () => /127/.test(await page.locator("#who").innerText()));
    await start(page, (await textOf(story)).trim());
    await looks(page, "depth", "done");
    await looks(page, "breadth", "done");
    const least = Math.floor(Math.min(...["structure", "time"].map((name) => answers[name].length * 0.5)));
    await until("the others", () => page.evaluate((least) => [...document.querySelectorAll(".pane.alive.view .answer")].every((e) => e.textContent.length > least), least));
    await page.locator(".tagline").click();
    await page.screenshot({ path: path.join(ROOT, `docs/page${language === "ja" ? ".ja" : ""}.png`) });
    await page.close();
  } finally {
    model.close();
    await home.remove();
  }
}
await browser.close();
