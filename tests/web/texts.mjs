// What the scripted model says: the texts of the grid's tests, in pieces.

import { answer, views } from "../editors/vscode-grid/texts.mjs";

export { answer, views };

export const task = "毎週の会議が長く、終わっても何も決まらない。\n議題は 12 件あり、報告だけで一時間半かかっている。";

/** A text in pieces of a few characters. */
export const pieces = (text, length = 6) => text.match(new RegExp(`[^]{1,${length}}`, "gu")) ?? [];

/** Four views and a focus. */
export const whole = (more = {}) => ({
  ...Object.fromEntries(Object.entries(views).map(([name, text]) => [name, { chunks: pieces(text), delay_ms: 5 }])),
  focus: { chunks: pieces(answer, 12), delay_ms: 3 },
  ...more,
});
