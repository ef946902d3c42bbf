// Makes docs/page.png: the page under way, with invented answers.
//
//   node picture.mjs     KAIZODO_BIN names the program, CHROMIUM the browser

import { chromium } from "playwright-core";
import { fileURLToPath } from "node:url";
import { Home, looks, start, until } from "./harness.mjs";
import { pieces } from "./texts.mjs";

const home = await Home.make("ja");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
try {
  // Everything that the answers say of the meeting stands in the text.
  const task = [
    "毎週の会議が長く、終わっても何も決まらない。議題は12件で、8件は報告。5件は先週も載っていた。",
    "十月に四人増える前は、一時間で終わっていた。いまは二時間で、決めているのは三十分ほど。",
    "資料は前の晩に届く。決められる人は前半しか出ない。今週は「また持ち帰り」を四回聞いた。",
  ].join("\n");
  const views = {
    depth: "12件のうち8件は報告で、**会議を長くしているのは決定ではありません**。\n\n- 二時間のうち、決める時間は三十分しかありません。\n- 5件は先週も載っていました。報告で時間が尽き、決める議題が毎週残るのでしょう。\n",
    breadth: "困っているのは長さよりも、**終わっても決まらないこと**ではありませんか。\n\n- 「また持ち帰り」が四回なら、半分の時間で終えても、持ち帰りは残ります。\n- 資料が前の晩に届くので、会議が読む場になっているのかもしれません。\n",
    structure: "決まらない議題が翌週に戻り、**次の会議をさらに長くします**。\n\n- 戻った議題は後ろに回り、決められる人が帰ったあとに順番が来ます。\n- 報告が先にあるかぎり、前半は決めるために使えません。\n",
    time: "十月に四人増えても、**会議の進め方は前のまま**です。\n\n- 一人の報告が同じ長さなら、四人分だけ毎週延びます。\n- 効き目がいちばん早く見えるのは、次の回の「持ち帰り」の数です。\n",
  };
  const whole = (name) => ({ chunks: pieces(views[name], 8), delay_ms: 5 });
  const held = (name) => ({ chunks: [...pieces(views[name], 8).slice(0, -2), "…"], delay_ms: 5, held: true });
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
