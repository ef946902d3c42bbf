// Draws the walkthrough's pictures from the grid's own page: node pictures.mjs, after the tests of the grid have built it.

import { openBrowser } from "../../tests/editors/vscode-grid/harness.mjs";
import { readEvent } from "../../tests/editors/vscode-grid/out/units.mjs";
import * as s from "../../tests/editors/vscode-grid/script.mjs";

const STORIES = {
  en: {
    title: "Our tests fail now and then",
    origin: "notes.md",
    sections: [["focus", "Focus", "focus"], ["depth", "Depth"], ["breadth", "Breadth"], ["structure", "Structure"], ["time", "Time"]],
    focus: "Look for the cause now, but only for **one day**: starting the tests again already costs you about as much each week.\n\n- Write down, for each failure, which test it was and what ran beside it.\n- If three of them name the same test, that is where to look. If not, wait until after the release.\n",
    depth: "“Usually pass” hides the question: **nobody has counted** how often they do not.\n\n- A second run is a habit, not a measure.\n",
    breadth: "Perhaps it is not the tests: **a real fault** may show itself only under load.\n\n- Users do not start a page again.\n",
    structure: "Each restart makes the next failure **look harmless**, and so the cause is looked for less.\n\n- The loop is closed by a number that all can see.\n",
    time: "Two weeks before a release there are more changes, so there will be **more failures, not fewer**.\n\n- Since when has it been so?\n",
  },
  ja: {
    title: "テストがときどき落ちる",
    origin: "メモ.md",
    sections: s.five,
    focus: "原因は今調べたほうがいいです。ただし**一日だけ**です。もう一度走らせる時間だけで、毎週それくらいは使っています。\n\n- 落ちるたびに、どのテストが落ちたか、何と同時に走っていたかを書き留める。\n- 三回のうち同じテストが二回出れば、そこを見る。ばらばらなら、リリースの後にする。\n",
    depth: "「たいてい通る」のままでは、**何回に一回落ちるのか**をだれも知らない。\n\n- もう一度走らせるのは習慣で、計測ではない。\n",
    breadth: "テストのせいではなく、**本物の不具合**が負荷の高いときだけ顔を出しているのかもしれない。\n\n- 利用者は画面をやり直してくれない。\n",
    structure: "走らせ直すたびに、次の失敗が**無害に見え**、ますます調べなくなる。\n\n- 全員に見える数字が、この輪を断つ。\n",
    time: "リリース前の二週間は変更が増える。落ちる回数も**減らずに増える**。\n\n- いつから落ちるようになったのか。\n",
  },
};

const browser = await openBrowser();
for (const [language, story] of Object.entries(STORIES)) {
  const { title, sections } = story;
  // Without model, tokens and time: nobody has measured them.
  const over = { usage: null, elapsed_ms: 0 };
  const whole = (branch) => [s.start(branch, ""), s.delta(branch, story[branch]), s.done(branch, over)];
  const begun = { ...s.started(sections, language), source: { ...s.started([]).source, uri: `file:///${story.origin}` }, provider: "" };
  const views = ["depth", "breadth", "structure", "time"];
  const stories = {
    try: { width: 480, height: 420, events: [begun, ...views.flatMap(whole), ...whole("focus"), s.ended()] },
    view: { width: 900, height: 620, events: [begun, ...views.flatMap(whole), ...whole("focus"), s.ended()], foldViews: false },
  };
  for (const [name, { width, height, events, foldViews = true }] of Object.entries(stories)) {
    for (const theme of ["light", "dark"]) {
      const grid = await browser.open({ theme, language, title, width, height, foldViews });
      await grid.send({ type: "events", events: s.stamp(events).map(readEvent) });
      const file = `media/walk/${name}-${theme}${language === "ja" ? ".ja" : ""}.png`;
      await grid.page.screenshot({ path: new URL(file, import.meta.url).pathname });
      await grid.close();
    }
  }
}
await browser.close();
