/// <reference lib="dom" />
/** The page of one run: a head with the whole's state, and the panes. */

import { isAlive, type Run } from "../fold.js";
import { inertMarkdown } from "../markdown.js";
import { showHidden } from "../visible.js";
import { fill, type Words } from "../words.js";
import { Announcer } from "./announcer.js";
import { element, icon, setText } from "./dom.js";
import { onKey } from "./keyboard.js";
import { PaneView } from "./pane.js";

export interface PageActions {
  stop(branch?: string): void;
  retry(branch: string): void;
  /** A reader has moved: where each pane is to stand when the page comes back. */
  keep(places: Places): void;
}

/** By branch: how far a pane is scrolled, in pixels. A pane that follows its end is not in it. */
export type Places = Readonly<Record<string, number>>;

/** A page that is scrolling says where it stands when it has come to rest. */
const REST_MS = 150;

export class PageView {
  private readonly md = inertMarkdown();
  private readonly announcer = new Announcer();
  private readonly grid = element("main", "grid");
  private readonly origin = element("p", "origin");
  private readonly notes = element("p", "notes");
  private readonly count = element("span", "count");
  private readonly stopAll = element("button", "stop-all");
  private panes: PaneView[] = [];
  private rest: ReturnType<typeof setTimeout> | undefined;
  private ended = true;

  constructor(
    root: HTMLElement,
    title: string,
    private readonly words: Words,
    private readonly language: string,
    private readonly actions: PageActions,
    private readonly places: Places,
  ) {
    this.stopAll.type = "button";
    this.stopAll.append(icon("stop"), element("span", "", words.stopAll));
    this.stopAll.addEventListener("click", () => actions.stop());
    const titles = element("div", "titles");
    titles.append(element("h1", "page-title", showHidden(title) || words.grid), this.origin, this.notes);
    const head = element("header", "page-head");
    head.append(titles, this.count, this.stopAll);
    this.grid.setAttribute("aria-label", words.grid);
    this.grid.setAttribute("aria-description", words.keys);
    root.replaceChildren(head, this.grid, this.announcer.root);
    document.addEventListener("keydown", (event) => onKey(event, this.panes));
  }

  /** Shows a run; what has not changed since the last call is left alone. */
  render(run: Run): void {
    setText(this.origin, showHidden([run.origin, run.provider].filter(Boolean).join(" · ")));
    setText(this.notes, run.notes.map((note) => `⚠ ${showHidden(note)}`).join("\n"));
    const first = this.panes.length === 0;
    if (first && run.panes.length > 0) {
      this.open(run);
    }
    run.panes.forEach((pane, i) => {
      const status = this.panes[i]?.render(pane);
      if (status !== undefined) {
        this.announcer.say(showHidden(pane.title), showHidden(status.spoken));
      }
    });
    this.renderWhole(run, first);
  }

  private open(run: Run): void {
    this.panes = run.panes.map(
      (pane, i) =>
        new PaneView(pane, i, this.md, this.words, this.language, run.lang, this.actions),
    );
    this.grid.dataset["count"] = String(this.panes.length);
    this.grid.replaceChildren(...this.panes.map((pane) => pane.root));
    for (const pane of this.panes) {
      pane.restore(this.places[pane.branch]);
      pane.body.addEventListener("scroll", () => this.keepSoon(), { passive: true });
    }
  }

  private keepSoon(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      const places = this.panes.flatMap((pane) => {
        const place = pane.place();
        return place === undefined ? [] : [[pane.branch, place] as const];
      });
      this.actions.keep(Object.fromEntries(places));
    }, REST_MS);
  }

  private renderWhole(run: Run, first: boolean): void {
    const all = run.panes.length;
    const over = run.panes.filter(({ state }) => state.kind === "done").length;
    const alive = run.panes.some(isAlive);
    setText(this.count, all === 0 ? this.words.preparing : fill(this.words.over, { over, all }));
    if (!alive && document.activeElement === this.stopAll) {
      this.panes[0]?.body.focus();
    }
    this.stopAll.hidden = !alive;
    if (!alive && !this.ended && !first) {
      this.announcer.say("", this.words.allOver);
    }
    this.ended = !alive;
  }
}
