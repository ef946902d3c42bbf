// The focus: at the head of the panel, written from the views, which fold below it.

import assert from "node:assert/strict";
import { NOTES, script } from "./scripts.mjs";
import { until, Workbench } from "./workbench.mjs";

const ANSWER = { chunks: ["**答えは一つ**", "です。\n\n", "- 今日できること\n"], delay_ms: 30 };
const HEADINGS = ["焦点", "深さ", "広さ", "構造", "時間"];

export async function focus(test) {
  await written(test);
  await asked(test);
}

// Empty, the variable is not set: what the settings say counts.
const start = (settings) => Workbench.start({ files: { "notes.md": NOTES }, settings, env: { KAIZODO_FOCUS: "" } });

/** By itself, once the views are there. */
async function written(test) {
  const bench = await start({});
  const check = bench.checks(test);
  try {
    await check("the text: the focus is at the head, waits for the views, and is written from all of them", async () => {
      await run(bench, { time: { held: true } });
      await until("three views", async () => (await bench.text(1)).includes("視点がそろうのを待っています · 3/4"));
      await until("the status item", async () => /Kaizodo 3\/5 · stop/.test(await bench.status()));
      await bench.shot("focus-waiting");
      await bench.model.goesOn();
      await ended(bench);
      const text = await bench.text(1);
      const places = HEADINGS.map((heading) => text.indexOf(`## ${heading}`));
      assert.ok(places.every((at, i) => at > (places[i - 1] ?? 0)), text);
      assert.ok(text.indexOf("答えは一つ") < places[1], text);
      const asked = (await bench.model.log()).filter(({ event }) => event === "request");
      assert.deepEqual(asked.map(({ perspective }) => perspective).slice(4), ["focus"]);
      for (const view of ["depth", "breadth", "structure", "time"]) {
        assert.ok(asked[4].messages.join("\n").includes(`- ${view} 2 を考える`), view);
      }
    });

    await check("the text: the views fold when the reader goes to the panel, nobody's keys are taken, and all unfolds", async () => {
      await run(bench);
      await ended(bench);
      await rests();
      assert.equal(await bench.focused(), 0, "the focus of the keyboard stays in the source");
      assert.ok((await bench.text(1)).includes("depth 2"), "VS Code folds in the editor in front alone");
      await line(bench, "答えは一つ").click();
      const text = await folded(bench);
      assert.ok(text.includes("答えは一つ") && text.includes("できること"), text);
      await bench.shot("focus-folded");
      await bench.palette("Unfold All");
      await until("the views", async () => /depth 2.*time 2/.test(await bench.text(1)));
      await bench.palette("Kaizodo: Retry a Section");
      await bench.page.locator('.quick-input-list .monaco-list-row:has-text("✓ 焦点")').click();
      await until("a second focus", async () => (await requests(bench, "focus")) === 2);
      await until("its end", async () => (await bench.status()) === "");
      await rests();
      assert.ok((await bench.text(1)).includes("depth 2"), "a retry folds nothing");
    });

    await check("the text: the headings are links, from a view to the focus and back", async () => {
      await run(bench);
      await ended(bench);
      await line(bench, "答えは一つ").click();
      await folded(bench); // before that, lines move away below the mouse
      const follow = async (heading) => {
        const link = bench.page.locator(".editor-group-container").nth(1).locator(".detected-link", { hasText: heading });
        await link.click({ modifiers: ["Control"] });
      };
      const at = async () => Number(/Ln (\d+)/.exec(await bench.page.locator(".part.statusbar").innerText())?.[1]);
      await follow("構造");
      const focus = await until("the focus", async () => (await at()) < 7 && at());
      await follow("焦点");
      await until("the first view", async () => (await at()) > focus + 3);
      await follow("時間");
      await until("the focus again", async () => (await at()) === focus);
      await bench.shot("focus-links");
      assert.equal(await bench.focused(), 1);
    });

    await check("the text: a reader in a view is left alone", async () => {
      await run(bench, { focus: { ...ANSWER, held: true } });
      await until("the views", async () => /depth 2.*time 2/.test(await bench.text(1)));
      await line(bench, "breadth 1").click();
      await rests(); // until the server has heard where the reader is
      await bench.model.goesOn();
      await ended(bench);
      await rests();
      assert.ok(/depth 2.*time 2/.test(await bench.text(1)));
    });

    await check("the text: so is one who has scrolled to a view, wherever the focus has taken it by then", async () => {
      const long = { chunks: Array.from({ length: 40 }, (_, n) => `- depth ${n} を考える\n`) };
      await run(bench, { depth: { ...long, delay_ms: 5 }, focus: { ...ANSWER, held: true } });
      await until("the views", async () => (await bench.text(1)).includes("depth 9"));
      const { x, y, width } = await bench.page.locator(".editor-group-container").nth(1).boundingBox();
      await bench.page.mouse.move(x + width / 2, y + 300);
      const wheel = (by, text, isThere) => until(text, async () => {
        await bench.page.mouse.wheel(0, by);
        return (await bench.text(1)).includes(text) === isThere;
      });
      await wheel(200, "depth 1 ", false);
      await rests();
      await bench.model.goesOn();
      await until("the end", async () => (await bench.status()) === "");
      await wheel(-200, "## 焦点", true);
      await line(bench, "答えは一つ").click();
      await rests();
      assert.match(await bench.text(1), /depth 2/);
    });

    await check("the grid: the focus above the views, which fold to their first line and unfold, in light and dark", async () => {
      await bench.configure({ "kaizodo.view": "grid" });
      await run(bench, { time: { held: true } });
      await until("three views", async () => (await page(bench).innerText()).includes("Waiting for the views · 3 of 4"));
      const before = await places(bench);
      assert.deepEqual(before.map(({ title }) => title), HEADINGS);
      const [top, ...views] = before;
      assert.ok(views.every(({ y, width }) => y > top.y + top.height && width <= top.width), JSON.stringify(before));
      await bench.shot("focus-grid-waiting");
      await bench.model.goesOn();
      await until("folded views", async () => (await page(bench).locator(".pane.folded").count()) === 4);
      assert.match(await page(bench).locator('[data-branch="focus"]').innerText(), /答えは一つです。\s+今日できること/);
      assert.equal((await places(bench))[0].y, top.y, "the focus stands where it stood");
      assert.equal(await bench.focused(), 0);
      await bench.shot("focus-grid-light");
      await bench.configure({ "workbench.colorTheme": "Default Dark Modern" });
      await until("the dark theme", async () => (await bench.page.locator(".monaco-workbench.vs-dark").count()) === 1);
      await bench.shot("focus-grid-dark");
      await page(bench).locator('[data-branch="depth"] .title').click();
      await until("one view", async () => (await page(bench).locator(".pane.folded").count()) === 3);
      assert.match(await page(bench).locator('[data-branch="depth"]').innerText(), /depth 1 を考える\s+depth 2 を考える/);
    });
  } finally {
    await bench.stop();
  }
}

/** At the user's word. */
async function asked(test) {
  const bench = await start({ "kaizodo.focus": "ask" });
  try {
    await bench.checks(test)("left to the user it is written at their word, and one that is outdated says so", async () => {
      await run(bench);
      await until("the end", async () => (await bench.status()) === "" && (await bench.text(1)).includes("time 2"));
      assert.equal(await requests(bench, "focus"), 0);
      const pick = async (label) => {
        await bench.palette("Kaizodo: Retry a Section");
        await bench.page.locator(`.quick-input-list .monaco-list-row:has-text("${label}")`).first().waitFor();
        const rows = await bench.page.locator(".quick-input-list .monaco-list-row").allInnerTexts();
        await bench.page.locator(`.quick-input-list .monaco-list-row:has-text("${label}")`).first().click();
        return rows[0].replace(/\s+/g, "");
      };
      assert.equal(await pick("– 焦点"), "–焦点notwrittenyet");
      await ended(bench);
      assert.equal(await requests(bench, "focus"), 1);
      await pick("✓ 深さ");
      await until("what it is older than", async () => (await bench.text(1)).includes("↻ 「深さ」の更新がまだ反映されていません"));
      await until("the end", async () => (await bench.status()) === "");
      assert.equal(await pick("焦点"), "✓焦点outdated:深さchanged");
      await until("the second request", async () => (await requests(bench, "focus")) === 2);
      await until("a new one", async () => !(await bench.text(1)).includes("↻") && (await bench.status()) === "");
      assert.equal(await requests(bench, "focus"), 2);
    });
  } finally {
    await bench.stop();
  }
}

/** Runs the action, with `odd` changes to what the model says. */
async function run(bench, odd = {}) {
  await bench.model.plays({ ...script(2, 10, odd), focus: odd.focus ?? ANSWER });
  await bench.select(3);
  await bench.press("Control+Alt+u");
}

const ended = (bench) =>
  until("the end", async () => (await bench.status()) === "" && (await bench.text(1)).includes("できること"));

/** Waits until the views are folded to their headings, and gives the text. */
const folded = (bench) =>
  until("folded views", async () => {
    const text = await bench.text(1);
    return HEADINGS.every((heading) => text.includes(`## ${heading}`)) && !/(depth|time) \d/.test(text) && text;
  });

/** Longer than a fold takes, or a setting. */
const rests = () => new Promise((resolve) => setTimeout(resolve, 1_500));

/** A line of the panel. */
const line = (bench, text) =>
  bench.page.locator(".editor-group-container").nth(1).locator(".view-line", { hasText: text }).first();

const requests = async (bench, name) =>
  (await bench.model.log()).filter(({ event, perspective }) => event === "request" && perspective === name).length;

/** The page of the grid that is in sight. */
const page = (bench) =>
  bench.page.frameLocator("iframe.webview.ready >> visible=true").frameLocator("iframe").locator("body");

/** The panes in their order, with their titles and places. */
const places = (bench) =>
  page(bench).evaluate((body) =>
    [...body.querySelectorAll(".pane")].map((pane) => {
      const { y, width, height } = pane.getBoundingClientRect();
      return { title: pane.querySelector(".title").innerText, y, width, height };
    }),
  );
