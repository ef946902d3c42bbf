// Makes docs/page.png: the page under way, with invented answers.
//
//   node picture.mjs     KAIZODO_BIN names the program, CHROMIUM the browser

import { chromium } from "playwright-core";
import { fileURLToPath } from "node:url";
import { Home, looks, start, until } from "./harness.mjs";
import { pieces, task, views } from "./texts.mjs";

const home = await Home.make("ja");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  const more = {
    depth: "- 先週も載っていた議題のうち、決める人が出ていたのは一件だけだった。\n",
    breadth: "- 資料が前日の夜に届くので、会議が読む時間になっている、おそらく。\n",
    structure: "- 戻ってきた議題は後ろに回され、また時間切れになる。\n- 決める人は前半だけ出て、後半の議題を知らない。\n",
    time: "- 四人が増えた週から、議題の数は変わらず、報告だけが長くなった。\n- 次に人が増えるのは一月なので、それまでに決め方を変えたい。\n",
  };
  const whole = (name) => ({ chunks: pieces(views[name] + more[name], 8), delay_ms: 5 });
  const held = (name) => ({ chunks: [...pieces(views[name] + more[name], 8).slice(0, -3), "…"], delay_ms: 5, held: true });
  await home.model.plays({ depth: whole("depth"), breadth: whole("breadth"), structure: held("structure"), time: held("time") });
  await home.serve({ KAIZODO_MODEL: "llama3.2:3b" });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: "ja-JP", colorScheme: "light" });
  await page.goto(home.url);
  await until("who is asked", async () => /127/.test(await page.locator("#who").innerText()));
  await start(page, task);
  await looks(page, "depth", "done");
  await looks(page, "breadth", "done");
  await until("the others", () => page.evaluate(() => [...document.querySelectorAll(".pane.alive.view .answer")].every((e) => e.textContent.length > 70)));
  await page.locator(".tagline").click();
  await page.screenshot({ path: fileURLToPath(new URL("../../docs/page.png", import.meta.url)) });
} finally {
  await browser.close();
  await home.remove();
}
