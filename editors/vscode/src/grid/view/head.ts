/// <reference lib="dom" />
/** A pane's head: its title and its state, which stay in sight while its answer is read, and what can be done with it. */

import { isAlive, type Pane } from "../core/fold.js";
import type { Status } from "../core/status.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import { button, element, icon, setText } from "./dom.js";

export interface HeadActions {
  stop(): void;
  retry(): void;
  ask(): void;
  copy(): void;
  /** Shows this pane alone, or all again. */
  enlarge(): void;
  fold(): void;
}

/** How often a wait that counts down is counted, in milliseconds. */
const TICK_MS = 250;

/** Sections beyond have no key. */
const KEYS = 9;

export class PaneHead {
  readonly root = element("header", "head");
  readonly heading: HTMLElement;
  readonly status = element("p", "status");
  private readonly sign = element("span", "sign");
  private readonly state = element("span", "state");
  private readonly foldButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly askButton: HTMLButtonElement;
  private readonly copyButton: HTMLButtonElement;
  private readonly retryButton: HTMLButtonElement;
  private readonly aloneButton: HTMLButtonElement;
  private readonly moreButton: HTMLButtonElement;
  private readonly title: string;
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor(
    pane: Pane,
    index: number,
    /** The title of the section that it goes on from; empty where it stands for itself. */
    from: string,
    private readonly words: Words,
    private readonly language: string,
    actions: HeadActions,
  ) {
    const title = showHidden(pane.title);
    this.title = title;
    this.heading = element("h2", "title", title);
    this.heading.id = `title-${index}`;
    this.status.id = `status-${index}`;
    this.sign.setAttribute("aria-hidden", "true");
    this.status.append(this.sign, this.state);
    const make = (name: string, named: string, tip: string, act: () => void) => button(name, fill(named, { title }), tip, act);
    this.stopButton = make("stop", words.stopNamed, words.stop, () => actions.stop());
    this.askButton = make("ask", words.askNamed, words.ask, () => actions.ask());
    this.copyButton = make("copy", words.copyNamed, words.copy, () => actions.copy());
    this.retryButton = make("retry", words.retryNamed, words.retry, () => actions.retry());
    this.aloneButton = make("alone-button", words.aloneNamed, words.alone, () => actions.enlarge());
    this.moreButton = make("more", words.moreNamed, words.more, () => this.showMenu());
    this.foldButton = button("fold", "", "", () => actions.fold());
    this.foldButton.append(icon("chevron"));
    this.foldButton.hidden = true;
    this.stopButton.append(icon("stop"));
    this.askButton.append(icon("ask"));
    this.copyButton.append(icon("copy"));
    this.retryButton.append(icon("retry"));
    this.moreButton.append(icon("more"));
    const origin = element("p", "from");
    setText(origin, from === "" ? "" : fill(words.goesOnFrom, { title: showHidden(from) }));
    const line = element("div", "line");
    this.heading.title = index < KEYS ? fill(words.keyed, { title, n: index + 1 }) : title;
    line.append(this.foldButton, this.heading, this.status);
    line.append(this.stopButton, this.askButton, this.copyButton, this.retryButton, this.aloneButton, this.moreButton);
    this.root.append(origin, line);
    this.root.addEventListener("dblclick", ({ target }) => {
      if (!(target as Element).closest("button")) {
        document.getSelection()?.removeAllRanges();
        actions.enlarge();
      }
    });
    this.showAlone(false);
  }

  /** Shows a state; true where a button goes that has the keyboard's focus. */
  render(pane: Pane, { text }: Status): boolean {
    const alive = isAlive(pane);
    const answered = !alive && pane.text !== "";
    setText(this.state, showHidden(text));
    this.countDown(pane);
    const unasked = pane.state.kind === "on_demand";
    const shown: [HTMLButtonElement, boolean][] = [
      [this.stopButton, alive],
      [this.askButton, answered],
      [this.copyButton, answered],
      // What was never asked has its own button.
      [this.retryButton, !alive && !unasked],
      [this.aloneButton, !unasked],
      [this.moreButton, !alive],
    ];
    const lostFocus = shown.some(([button, isShown]) => !isShown && button === document.activeElement);
    for (const [button, isShown] of shown) {
      button.hidden = !isShown;
    }
    return lostFocus;
  }

  /** Offers to fold the pane, or to unfold it. */
  offerFold(folded: boolean): void {
    const { words, title } = this;
    this.foldButton.hidden = false;
    this.foldButton.title = folded ? words.unfold : words.fold;
    this.foldButton.setAttribute("aria-label", fill(folded ? words.unfoldNamed : words.foldNamed, { title }));
    this.foldButton.setAttribute("aria-expanded", String(!folded));
  }

  /** Offers to show the pane alone, or all again. */
  showAlone(alone: boolean): void {
    const { words, title } = this;
    this.aloneButton.title = alone ? words.together : words.alone;
    this.aloneButton.setAttribute("aria-label", alone ? words.together : fill(words.aloneNamed, { title }));
    this.aloneButton.replaceChildren(icon(alone ? "together" : "alone"));
  }

  dispose(): void {
    clearInterval(this.ticking);
  }

  /** The editor's own menu: it is shown where a context menu is asked for. */
  private showMenu(): void {
    const { left, bottom } = this.moreButton.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, clientX: left, clientY: bottom };
    this.moreButton.dispatchEvent(new MouseEvent("contextmenu", at));
  }

  /** A wait for another attempt is told by the seconds that are left. */
  private countDown({ state }: Pane): void {
    clearInterval(this.ticking);
    if (state.kind !== "retrying") {
      return;
    }
    const { attempt, afterMs } = state;
    const until = performance.now() + afterMs;
    const tell = () => {
      const s = Math.max(0, Math.ceil((until - performance.now()) / 1000)).toLocaleString(this.language);
      setText(this.state, fill(this.words.retrying, { s, n: attempt }));
    };
    tell();
    this.ticking = setInterval(tell, TICK_MS);
  }
}
