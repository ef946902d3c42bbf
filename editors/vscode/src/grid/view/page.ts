/// <reference lib="dom" />
/** The page of one run: a head with the whole's state, the panes one below the other or in columns, and what all came to. */

import { isAlive, type Pane, type Run } from "../core/fold.js";
import { inertMarkdown } from "../core/markdown.js";
import { totalOf } from "../core/status.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import type { Deed, FromPage } from "../messages.js";
import { Announcer } from "./announcer.js";
import { button, element, icon, setSentence, setText } from "./dom.js";
import { type Folded, Folding } from "./folding.js";
import { onKey } from "./keyboard.js";
import { type PaneActions, PaneView } from "./pane.js";
import { ReadingPlace } from "./place.js";
import { SectionBar } from "./sections.js";
import type { Draft } from "./question.js";
import { TroubleView } from "./trouble.js";

export interface PageActions {
  /** The reader wants something that the page cannot do by itself. */
  say(said: FromPage): void;
  /** A reader has moved: how the page is to stand when it comes back. */
  keep(kept: Kept): void;
}

/** How a page stands that is hidden. */
export interface Kept {
  /** How far it is scrolled, in pixels; not there while it follows its end. */
  readonly page?: number;
  readonly folded?: Folded;
  /** The pane that stands alone. */
  readonly alone?: string;
  /** Questions that were typed and not sent, by their panes. */
  readonly drafts?: Readonly<Record<string, Draft>>;
}

/** A page that is scrolling says where it stands when it has come to rest. */
const REST_MS = 150;

export class PageView {
  private readonly md = inertMarkdown();
  private readonly announcer = new Announcer();
  private readonly grid = element("main", "grid");
  private readonly views = element("div", "views");
  private readonly origin = element("p", "origin");
  private readonly notes = element("p", "notes");
  private readonly chooseWho = element("button", "head-button");
  private readonly count = element("span", "count");
  private readonly stopAll = element("button", "head-button");
  private readonly foldAll = element("button", "fold-all");
  private readonly tools = element("div", "tools");
  private readonly total = element("p", "total");
  private readonly trouble: TroubleView;
  private readonly sections: SectionBar;
  /** In the order in which they came. */
  private panes: PaneView[] = [];
  private readonly place = new ReadingPlace(() => this.panes);
  private folding: Folding | undefined;
  /** The pane that stands alone, and how far the page was scrolled before. */
  private alone: { branch: string; scrolled: number } | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private ended = true;
  /** The editor has been told that there is a draft. */
  private isDrafted = false;
  /** Ends every listener of this page. */
  private readonly over = new AbortController();
  private readonly sizes = new ResizeObserver(() => this.resized());
  private width = innerWidth;

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
    this.stopAll.addEventListener("click", () => actions.say({ type: "stop" }));
    this.trouble = new TroubleView(words, (deed) => actions.say({ type: "do", deed }));
    this.chooseWho.type = "button";
    this.chooseWho.textContent = words.chooseWho;
    this.chooseWho.hidden = true;
    this.chooseWho.addEventListener("click", () => actions.say({ type: "do", deed: "choose_who" }));
    this.tools.append(
      this.tool("copy_all", words.copyAll, "copy"),
      this.tool("save", words.save, "save"),
      this.tool("as_text", words.asText, "text"),
      this.tool("as_preview", words.asPreview, "preview"),
    );
    const titles = element("div", "titles");
    titles.append(element("h1", "page-title", showHidden(title) || words.grid), this.origin);
    const head = element("header", "page-head");
    const buttons = element("div", "page-buttons");
    buttons.append(this.count, this.stopAll, this.tools);
    head.append(titles, buttons, this.notes, this.chooseWho);
    this.sections = new SectionBar(words, language, (branch) => this.jump(branch), this.foldAll);
    this.grid.setAttribute("aria-label", words.grid);
    this.grid.setAttribute("aria-description", words.keys);
    this.total.hidden = true;
    root.replaceChildren(head, this.trouble.root, this.sections.root, this.grid, this.total, this.announcer.root);
    const { signal } = this.over;
    document.addEventListener("keydown", (event) => onKey(event, this.panes, this.keyed()), { signal });
    document.addEventListener("selectionchange", () => this.select(), { signal });
    document.addEventListener("scroll", () => this.scrolled(), { passive: true, signal });
    this.sizes.observe(root);
  }

  /** Shows a run; what has not changed since the last call is left alone, and what is read stays where it is. */
  render(run: Run): void {
    this.place.hold(() => this.change(run));
    if (this.panes.length > 0 && this.kept.page !== undefined && !this.isRestored) {
      this.place.restore(this.kept.page);
    }
    this.isRestored ||= this.panes.length > 0;
  }

  dispose(): void {
    this.over.abort();
    this.sizes.disconnect();
    clearTimeout(this.rest);
    this.panes.forEach((pane) => pane.dispose());
  }

  private isRestored = false;

  private change(run: Run): void {
    setText(this.origin, showHidden([run.origin, run.provider].filter(Boolean).join(" · ")));
    setSentence(this.notes, run.notes.map((note) => `⚠ ${showHidden(note)}`).join("\n"));
    this.chooseWho.hidden = !run.withoutModel;
    const first = this.panes.length === 0;
    if (first && run.panes.length > 0) {
      this.open(run);
    }
    const focus = run.panes.find(({ role }) => role === "focus");
    if (focus !== undefined && isAlive(focus)) {
      this.folding?.hold(true);
    }
    const told = this.trouble.render(run)?.branches ?? [];
    run.panes.forEach((pane, i) => {
      const shown = this.panes.find(({ branch }) => branch === pane.branch) ?? this.add(pane, run.panes[i - 1], run);
      const status = shown.render(pane, told.includes(pane.branch));
      if (status !== undefined) {
        this.announcer.say(showHidden(pane.title), showHidden(status.spoken));
      }
    });
    // In the order of the keys: a question that was there from the start stands behind the others in it.
    for (const { branch } of this.panes) {
      const pane = run.panes.find((pane) => pane.branch === branch);
      if (pane !== undefined) {
        this.sections.render(pane);
      }
    }
    if (focus !== undefined && !isAlive(focus)) {
      this.folding?.hold(false);
    }
    if (this.folding?.follow(run)) {
      this.keepSoon();
    }
    setText(this.total, totalOf(run, this.words, this.language));
    this.renderWhole(run, first);
    this.renderFolding();
    // Before there is an answer, the views are what there is to read.
    const early = focus === undefined || isAlive(focus);
    this.foldAll.hidden = !this.folding?.possible || (early && this.folding.kept() === undefined);
  }

  private tool(deed: Deed, name: string, drawing: Parameters<typeof icon>[0]): HTMLButtonElement {
    const made = button(`tool ${deed.replace("_", "-")}`, name, name, () => this.actions.say({ type: "do", deed }));
    made.append(icon(drawing));
    return made;
  }

  /** Folds or unfolds one view, or all of them. */
  private fold(branch?: string): void {
    const { folding } = this;
    if (!folding?.possible) {
      return;
    }
    this.place.hold(() => {
      if (this.panes.some((pane) => pane.branch === branch && pane.isView)) {
        folding.one(branch ?? "");
      } else {
        folding.all(!folding.any);
      }
      this.renderFolding();
    });
    this.keepSoon();
  }

  private renderFolding(): void {
    setText(this.foldAll, this.folding?.any ? this.words.unfoldAll : this.words.foldAll);
  }

  private keyed() {
    return {
      fold: (branch?: string) => this.fold(branch),
      showAll: () => {
        const wasAlone = this.alone !== undefined;
        this.enlarge(undefined);
        return wasAlone;
      },
      goTo: (pane: PaneView) => this.goTo(pane),
    };
  }

  private jump(branch: string): void {
    const pane = this.panes.find((pane) => pane.branch === branch);
    if (pane !== undefined) {
      this.goTo(pane);
    }
  }

  /** Puts the keyboard's focus into a pane, and its head into sight. */
  private goTo(pane: PaneView): void {
    if (this.alone !== undefined && this.alone.branch !== pane.branch) {
      this.enlarge(pane.branch);
    }
    pane.focus();
    const { top, bottom } = pane.root.getBoundingClientRect();
    const first = Math.max(0, this.sections.root.getBoundingClientRect().bottom);
    if (top < first || bottom > innerHeight) {
      pane.root.scrollIntoView({ block: bottom - top > innerHeight - first || top < first ? "start" : "nearest" });
    }
  }

  /** Shows one pane alone, over all of the page; all again where it already is, or none is named. */
  private enlarge(branch: string | undefined): void {
    const next = branch === this.alone?.branch ? undefined : branch;
    if (next === this.alone?.branch) {
      return;
    }
    const scrolled = this.alone?.scrolled ?? document.scrollingElement?.scrollTop ?? 0;
    this.alone = next === undefined ? undefined : { branch: next, scrolled };
    document.body.classList.toggle("has-alone", next !== undefined);
    this.sections.showAlone(next);
    for (const pane of this.panes) {
      pane.showAlone(pane.branch === next);
    }
    this.place.restore(next === undefined ? scrolled : 0);
    this.panes.find((pane) => pane.branch === branch)?.focus();
    this.keepSoon();
  }

  private select(): void {
    this.panes.forEach((pane) => pane.select(document.getSelection()));
  }

  private scrolled(): void {
    this.place.moved();
    this.keepSoon();
  }

  private resized(): void {
    if (innerWidth !== this.width) {
      this.width = innerWidth;
      this.place.resized();
      this.panes.forEach((pane) => pane.resized());
    }
  }

  private open(run: Run): void {
    const all = run.panes.filter(({ role }) => role !== "follow_up").map((pane) => this.make(pane, run));
    const views = all.filter(({ isView }) => isView);
    const focus = all.find(({ isView }) => !isView);
    this.views.dataset["count"] = String(views.length);
    this.views.replaceChildren(...views.map(({ root }) => root));
    this.grid.replaceChildren(...(focus === undefined ? [] : [focus.root]), this.views);
    all.forEach((pane) => pane.resized());
    this.folding = new Folding(focus, views, this.foldViews);
    this.folding.restore(this.kept.folded);
    if (this.kept.alone !== undefined && run.panes.some(({ branch }) => branch === this.kept.alone)) {
      queueMicrotask(() => this.enlarge(this.kept.alone));
    }
  }

  private make(pane: Pane, run: Run): PaneView {
    const { md, words, language, panes } = this;
    const from = run.panes.find(({ branch }) => branch === pane.after)?.title ?? "";
    const made = new PaneView(pane, panes.length, from, md, words, language, run.lang, this.paneActions());
    panes.push(made);
    const draft = this.kept.drafts?.[pane.branch];
    if (draft !== undefined) {
      made.restoreDraft(draft);
      this.drafted();
    }
    return made;
  }

  private drafts(): Record<string, Draft> {
    return Object.fromEntries(this.panes.flatMap(({ branch, draft }) => (draft === undefined ? [] : [[branch, draft]])));
  }

  /** Tells the editor whether there is a draft, which would be lost if another run were shown here. */
  private drafted(): void {
    const isDrafted = Object.keys(this.drafts()).length > 0;
    if (isDrafted !== this.isDrafted) {
      this.isDrafted = isDrafted;
      this.actions.say({ type: "draft", has: isDrafted });
    }
    this.keepSoon();
  }

  private paneActions(): PaneActions {
    const say = (said: FromPage) => this.actions.say(said);
    return {
      stop: (branch) => say({ type: "stop", branch }),
      retry: (branch, withMarks) => say(withMarks ? { type: "retry", branch, marks: true } : { type: "retry", branch }),
      ask: (branch, question) => say({ type: "ask", branch, question }),
      drafted: () => this.drafted(),
      lookCloser: (branch, lines) => say({ type: "look_closer", branch, ...lines }),
      mark: (branch, line, mark) => say(mark === undefined ? { type: "mark", branch, line } : { type: "mark", branch, line, mark }),
      comment: (branch, line, comment) => say({ type: "comment", branch, line, comment }),
      copy: (branch) => say({ type: "copy", branch }),
      copyCode: (code) => say({ type: "copy_code", code }),
      enlarge: (branch) => this.enlarge(branch),
      fold: (branch) => this.fold(branch),
    };
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
    made.resized();
    const from = this.panes.find(({ branch }) => branch === pane.after);
    if (from?.hasBeenAsked()) {
      this.goTo(made);
    }
    return made;
  }

  private keepSoon(): void {
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      const page = this.alone?.scrolled ?? this.place.scrolled;
      const folded = this.folding?.kept();
      const drafts = this.drafts();
      this.actions.keep({
        ...(page === undefined ? {} : { page }),
        ...(folded === undefined ? {} : { folded }),
        ...(this.alone === undefined ? {} : { alone: this.alone.branch }),
        ...(Object.keys(drafts).length === 0 ? {} : { drafts }),
      });
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
    this.tools.hidden = all === 0;
    if (!alive && !this.ended && !first) {
      this.announcer.say("", this.words.allOver);
    }
    this.ended = !alive;
  }
}
