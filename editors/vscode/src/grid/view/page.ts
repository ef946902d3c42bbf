/// <reference lib="dom" />
/** The page of one run: a head with the whole's state, and the panes. */

import { isAlive, type Pane, type Run } from "../core/fold.js";
import { inertMarkdown } from "../core/markdown.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import { Announcer } from "./announcer.js";
import { element, icon, setText } from "./dom.js";
import { type Folded, Folding } from "./folding.js";
import { onKey } from "./keyboard.js";
import { PaneView } from "./pane.js";
import type { Lines } from "./passage.js";

export interface PageActions {
  stop(branch?: string): void;
  retry(branch: string): void;
  ask(branch: string, question: string): void;
  lookCloser(branch: string, lines: Lines): void;
  /** A reader has moved: how the page is to stand when it comes back. */
  keep(kept: Kept): void;
}

/** How a page stands that is hidden. */
export interface Kept {
  /** By branch: how far a pane is scrolled, in pixels. A pane that follows its end is not in it. */
  readonly places?: Readonly<Record<string, number>>;
  readonly page?: number;
  readonly folded?: Folded;
}

/** A page that is scrolling says where it stands when it has come to rest. */
const REST_MS = 150;

export class PageView {
  private readonly md = inertMarkdown();
  private readonly announcer = new Announcer();
  /** The focus and the views; scrolls where they have no room. */
  private readonly grid = element("main", "grid");
  private readonly views = element("div", "views");
  private readonly origin = element("p", "origin");
  private readonly notes = element("p", "notes");
  private readonly count = element("span", "count");
  private readonly stopAll = element("button", "head-button");
  private readonly foldAll = element("button", "head-button");
  /** In the order in which they came. */
  private panes: PaneView[] = [];
  private folding: Folding | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private ended = true;

  constructor(
    root: HTMLElement,
    title: string,
    private readonly words: Words,
    private readonly language: string,
    private readonly actions: PageActions,
    private readonly kept: Kept,
    /** The views are folded by themselves once the focus is complete. */
    private readonly foldViews: boolean,
  ) {
    this.foldAll.type = "button";
    this.foldAll.addEventListener("click", () => this.fold());
    this.stopAll.classList.add("stop-all");
    this.stopAll.type = "button";
    this.stopAll.append(icon("stop"), element("span", "", words.stopAll));
    this.stopAll.addEventListener("click", () => actions.stop());
    const titles = element("div", "titles");
    titles.append(element("h1", "page-title", showHidden(title) || words.grid), this.origin, this.notes);
    const head = element("header", "page-head");
    head.append(titles, this.count, this.foldAll, this.stopAll);
    this.grid.setAttribute("aria-label", words.grid);
    this.grid.setAttribute("aria-description", words.keys);
    root.replaceChildren(head, this.grid, this.announcer.root);
    document.addEventListener("keydown", (event) => onKey(event, this.panes, { fold: (branch) => this.fold(branch) }));
    document.addEventListener("selectionchange", () => {
      this.panes.forEach((pane) => pane.select(document.getSelection()));
    });
    this.grid.addEventListener("scroll", () => this.keepSoon(), { passive: true });
  }

  /** Shows a run; what has not changed since the last call is left alone. */
  render(run: Run): void {
    setText(this.origin, showHidden([run.origin, run.provider].filter(Boolean).join(" · ")));
    setText(this.notes, run.notes.map((note) => `⚠ ${showHidden(note)}`).join("\n"));
    const first = this.panes.length === 0;
    if (first && run.panes.length > 0) {
      this.open(run);
    }
    const focus = run.panes.find(({ role }) => role === "focus");
    if (focus !== undefined && isAlive(focus)) {
      this.folding?.hold(true);
    }
    run.panes.forEach((pane, i) => {
      const shown = this.panes.find(({ branch }) => branch === pane.branch);
      const status = (shown ?? this.add(pane, run.panes[i - 1], run)).render(pane);
      if (status !== undefined) {
        this.announcer.say(showHidden(pane.title), showHidden(status.spoken));
      }
    });
    if (focus !== undefined && !isAlive(focus)) {
      this.folding?.hold(false);
    }
    if (this.folding?.follow(run)) {
      this.keepSoon();
    }
    this.renderWhole(run, first);
    this.renderFolding();
    // Before there is an answer, the views are what there is to read.
    const early = focus === undefined || isAlive(focus);
    this.foldAll.hidden = !this.folding?.possible || (early && this.folding.kept() === undefined);
  }

  /** Folds or unfolds one view, or all of them. */
  private fold(branch?: string): void {
    const { folding } = this;
    if (!folding?.possible) {
      return;
    }
    if (this.panes.some((pane) => pane.branch === branch && pane.isView)) {
      folding.one(branch ?? "");
    } else {
      folding.all(!folding.any);
    }
    this.renderFolding();
    this.keepSoon();
  }

  private renderFolding(): void {
    setText(this.foldAll, this.folding?.any ? this.words.unfoldAll : this.words.foldAll);
  }

  private open(run: Run): void {
    const all = run.panes.filter(({ role }) => role !== "follow_up").map((pane) => this.make(pane, run));
    const views = all.filter(({ isView }) => isView);
    const focus = all.find(({ isView }) => !isView);
    this.views.dataset["count"] = String(views.length);
    this.views.replaceChildren(...views.map(({ root }) => root));
    this.grid.replaceChildren(...(focus === undefined ? [] : [focus.root]), this.views);
    this.folding = new Folding(this.grid, focus, views, this.foldViews);
    this.folding.restore(this.kept.folded);
    for (const pane of all) {
      this.keepPlace(pane);
    }
    this.grid.scrollTop = this.kept.page ?? 0;
  }

  private make(pane: Pane, run: Run): PaneView {
    const actions = { ...this.actions, fold: (branch: string) => this.fold(branch) };
    const { md, words, language, panes } = this;
    const from = run.panes.find(({ branch }) => branch === pane.after)?.title ?? "";
    const made = new PaneView(pane, panes.length, from, md, words, language, run.lang, actions);
    panes.push(made);
    return made;
  }

  /** Shows a pane that the run did not begin with, below the one that it stands below. */
  private add(pane: Pane, above: Pane | undefined, run: Run): PaneView {
    const made = this.make(pane, run);
    const before = this.panes.find(({ branch }) => branch === above?.branch);
    if (before === undefined) {
      this.grid.append(made.root);
    } else {
      before.root.after(made.root);
    }
    this.keepPlace(made);
    const from = this.panes.find(({ branch }) => branch === pane.after);
    if (from?.hasBeenAsked()) {
      made.focus();
      made.root.scrollIntoView({ block: "nearest" });
    }
    return made;
  }

  private keepPlace(pane: PaneView): void {
    pane.restore(this.kept.places?.[pane.branch]);
    pane.body.addEventListener("scroll", () => this.keepSoon(), { passive: true });
  }

  private keepSoon(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      const places = this.panes.flatMap((pane) => {
        const place = pane.place();
        return place === undefined ? [] : [[pane.branch, place] as const];
      });
      const folded = this.folding?.kept();
      const page = this.grid.scrollTop;
      this.actions.keep({ places: Object.fromEntries(places), page, ...(folded === undefined ? {} : { folded }) });
    }, REST_MS);
  }

  private renderWhole(run: Run, first: boolean): void {
    const all = run.panes.length;
    const over = run.panes.filter(({ state }) => state.kind === "done").length;
    const alive = run.panes.some(isAlive);
    setText(this.count, all === 0 ? this.words.preparing : fill(this.words.over, { over, all }));
    if (!alive && document.activeElement === this.stopAll) {
      this.panes[0]?.focus();
    }
    this.stopAll.hidden = !alive;
    if (!alive && !this.ended && !first) {
      this.announcer.say("", this.words.allOver);
    }
    this.ended = !alive;
  }
}
