/// <reference lib="dom" />
/** Folding the views once the focus is complete: it is the answer then, and they are its notes. */

import { isFirstFocus, type Run } from "../core/fold.js";
import type { PaneView } from "./pane.js";

/** Of a page that is hidden: the views that are folded; nothing where they never were. */
export type Folded = readonly string[] | undefined;

/** A page that is scrolled further than this, in pixels, is not at its beginning. */
const SCROLLED = 24;

export class Folding {
  /** The views have been folded, or might have been: from now on the reader folds them. */
  private settled = false;
  /** Of which end of the focus the page knows: what each of them brings is done once. */
  private known = 0;

  constructor(
    private readonly focus: PaneView | undefined,
    private readonly views: readonly PaneView[],
    /** Whether the reader wants it by itself. */
    private readonly wanted: boolean,
  ) {}

  /** Whether there is anything to fold below the focus. */
  get possible(): boolean {
    return this.focus !== undefined && this.views.length > 0;
  }

  /** Some view is folded. */
  get any(): boolean {
    return this.views.some((view) => view.folded);
  }

  /** Folds the views below a focus that has just become complete, but not on a retry, and unless somebody reads one. */
  follow(run: Run): boolean {
    const focus = run.panes.find(({ role }) => role === "focus");
    if (focus?.state.kind !== "done" || focus.ends <= this.known) {
      return false;
    }
    this.known = focus.ends;
    if (this.settled || this.isRead()) {
      return false;
    }
    this.settle();
    if (this.wanted && isFirstFocus(focus)) {
      this.all(true);
    }
    return true;
  }

  /** Folds all views, or unfolds them. */
  all(folded: boolean): void {
    this.settle();
    this.views.forEach((view) => view.fold(folded));
  }

  /** Folds one view, or unfolds it. */
  one(branch: string): void {
    const view = this.views.find((view) => view.branch === branch);
    if (view !== undefined) {
      this.settle();
      view.fold(!view.folded);
    }
  }

  /** What a hidden page is to remember. */
  kept(): Folded {
    return this.settled ? this.views.filter((view) => view.folded).map((view) => view.branch) : undefined;
  }

  restore(folded: Folded): void {
    if (folded !== undefined) {
      this.settle();
      this.views.forEach((view) => view.fold(folded.includes(view.branch)));
    }
  }

  /** A focus that is written anew keeps its height until it is written. */
  hold(alive: boolean): void {
    const { root } = this.focus ?? {};
    if (root === undefined || !this.settled) {
      return;
    }
    if (!alive) {
      root.style.minHeight = "";
    } else if (root.style.minHeight === "") {
      root.style.minHeight = `${root.getBoundingClientRect().height}px`;
    }
  }

  private settle(): void {
    if (!this.settled) {
      this.settled = true;
      this.views.forEach((view) => view.fold(view.folded));
    }
  }

  private isRead(): boolean {
    return (document.scrollingElement?.scrollTop ?? 0) > SCROLLED || this.views.some((view) => view.isRead());
  }
}
