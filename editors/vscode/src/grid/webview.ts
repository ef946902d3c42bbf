/// <reference lib="dom" />
/** The page's script: folds the events it is sent and draws at most once a frame. */

import { empty, fold, release } from "./core/fold.js";
import type { FromPage, ToPage } from "./messages.js";
import { type Kept, PageView } from "./view/page.js";

/** What the editor keeps of a page that is hidden, and over a reload of its window. */
interface State extends Kept {
  readonly id: string;
  readonly title: string;
}

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): State | undefined;
  setState(state: State): void;
};

/** At most this part of the time is spent on drawing: a costly frame is followed by a longer pause. */
const SHARE = 1 / 4;

const api = acquireVsCodeApi();
let run = empty;
let page: PageView | undefined;
let drawing = false;
let restUntil = 0;

function draw(): void {
  const before = performance.now();
  if (before < restUntil) {
    requestAnimationFrame(draw);
    return;
  }
  drawing = false;
  page?.render(run);
  const cost = performance.now() - before;
  restUntil = before + cost / SHARE;
}

function drawSoon(): void {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(draw);
  }
}

function start(message: Extract<ToPage, { type: "start" }>): void {
  const root = document.getElementById("grid");
  if (root === null) {
    return;
  }
  page?.dispose();
  const { id, title, words, language, foldViews } = message;
  const state = api.getState();
  const kept = state?.id === id ? state : {};
  run = message.run;
  api.setState({ ...kept, id, title });
  const actions = {
    say: (said: FromPage) => api.postMessage(said),
    keep: (kept: Kept) => api.setState({ ...kept, id, title }),
  };
  page = new PageView(root, title, words, language, actions, kept, foldViews);
  drawSoon();
}

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  switch (data.type) {
    case "start":
      start(data);
      break;
    case "events":
      // Before the start nothing is lost: the start brings it all.
      run = page === undefined ? run : fold(run, data.events);
      drawSoon();
      break;
    case "again":
      run = data.run;
      drawSoon();
      break;
    case "release":
      run = release(run);
      drawSoon();
      break;
  }
});

api.postMessage({ type: "ready" });
