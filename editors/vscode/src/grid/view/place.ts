/// <reference lib="dom" />
/** What a reader reads stays where it is while the page grows around it; one who went to the page's end is kept there. */

import type { PaneView } from "./pane.js";

/** A reader this near to the end, in pixels, is at the end. */
const NEAR_END = 24;

/** Something on the page, and where it stood. */
interface Stand {
  readonly what: HTMLElement;
  readonly top: number;
}

export class ReadingPlace {
  private following = false;
  /** Where the page stood when it was last looked at. */
  private top = 0;
  /** The size of the window then. */
  private size = sizeOf(scroller());
  private last: Stand | undefined;

  constructor(private readonly panes: () => readonly PaneView[]) {}

  /** How far the page is scrolled, in pixels; nothing while it follows its end. */
  get scrolled(): number | undefined {
    return this.following ? undefined : scroller().scrollTop;
  }

  /** Makes a change to the page. */
  hold(change: () => void): void {
    const before = this.stand();
    change();
    this.keep(before);
  }

  /** The page is as wide as it was not before. */
  resized(): void {
    this.keep(this.last);
  }

  /** The page has been scrolled. */
  moved(): void {
    const { scrollHeight, scrollTop, clientHeight } = scroller();
    if (scrollTop === this.top) {
      return;
    }
    // A window that gets another size may move its page before it tells that. The reader did nothing.
    if (this.size !== sizeOf(scroller())) {
      this.resized();
      return;
    }
    const left = scrollHeight - scrollTop - clientHeight;
    // Who moves up leaves at once: a scroll begins with a pixel or two.
    this.following = scrollTop > 0 && (left <= 1 || (left <= NEAR_END && scrollTop >= this.top));
    this.top = scrollTop;
    this.last = this.stand();
  }

  /** Goes back to where a reader left. */
  restore(scrolled: number): void {
    this.scrollTo(scrolled);
    this.last = this.stand();
  }

  private keep(before: Stand | undefined): void {
    if (this.following) {
      this.scrollTo(scroller().scrollHeight);
    } else if (before?.what.isConnected && isShown(before.what)) {
      this.scrollTo(scroller().scrollTop + before.what.getBoundingClientRect().top - before.top);
    }
    this.top = scroller().scrollTop;
    this.size = sizeOf(scroller());
    this.last = this.stand();
  }

  private scrollTo(top: number): void {
    scroller().scrollTop = top;
    this.top = scroller().scrollTop;
  }

  /** What the reader reads: where they select or have the keyboard, else what is first in sight, unless they did nothing yet. */
  private stand(): Stand | undefined {
    const shown = this.panes().filter(({ answer }) => isShown(answer));
    const read = shown.find((pane) => pane.isRead() && isInSight(pane.root));
    const first = scroller().scrollTop > 0 ? shown.find(({ answer }) => answer.getBoundingClientRect().bottom > 0) : undefined;
    const what = (read ?? first)?.answer;
    return what && { what, top: what.getBoundingClientRect().top };
  }
}

function scroller(): Element {
  return document.scrollingElement ?? document.documentElement;
}

function sizeOf({ clientWidth, clientHeight }: Element): string {
  return `${clientWidth}x${clientHeight}`;
}

function isShown(what: HTMLElement): boolean {
  return what.getClientRects().length > 0;
}

function isInSight(what: HTMLElement): boolean {
  const { top, bottom } = what.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}
