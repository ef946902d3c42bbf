/// <reference lib="dom" />
/** One pane on the page: its head, and an answer that grows in a scroller of its own. */

import { GrowingText } from "../core/blocks.js";
import { isAlive, type Pane } from "../core/fold.js";
import type { Markdown } from "../core/markdown.js";
import { statusOf, type Status } from "../core/status.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import { button, element, icon, setText } from "./dom.js";
import { type Lines, selectedLines } from "./passage.js";
import { QuestionField } from "./question.js";

/** A reader this near to the end, in pixels, is at the end. */
const NEAR_END = 24;

/** How long a pressed button waits for its effect before it can be pressed again. */
const PENDING_MS = 2000;

export interface PaneActions {
  stop(branch: string): void;
  retry(branch: string): void;
  ask(branch: string, question: string): void;
  lookCloser(branch: string, lines: Lines): void;
  /** The reader folds or unfolds this pane. */
  fold(branch: string): void;
}

export class PaneView {
  readonly root: HTMLElement;
  /** Scrolls, and has the keyboard's focus. */
  readonly body: HTMLElement;
  private readonly sign = element("span", "sign");
  private readonly state = element("span", "state");
  private readonly reason = element("p", "reason");
  private readonly facts = element("p", "facts");
  /** What a focus leaves to the user, with the button for it. */
  private readonly call = element("div", "call");
  private readonly callText = element("span", "call-text");
  private readonly callButton = element("button", "write");
  private readonly foldButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly retryButton: HTMLButtonElement;
  private readonly askButton: HTMLButtonElement;
  private readonly moreButton: HTMLButtonElement;
  private readonly endButton: HTMLButtonElement;
  /** Beside a selection in the answer. */
  private readonly closerButton = element("button", "closer write");
  private readonly question: QuestionField;
  /** Holds the block that may still change; settled blocks stand before it. */
  private readonly open = element("div", "open");
  private readonly answer = element("div", "answer");
  private growing: GrowingText;
  private shown: Pane | undefined;
  /** An answer that is written is read from its beginning; notes on it are watched as they come. */
  private following: boolean;
  private isFolded = false;
  /** Where the scroller stood when it was last looked at. */
  private top = 0;
  private pending: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private pane: Pane,
    index: number,
    /** The title of the section that it goes on from; empty where it stands for itself. */
    from: string,
    private readonly md: Markdown,
    private readonly words: Words,
    private readonly language: string,
    answerLanguage: string,
    private readonly actions: PaneActions,
  ) {
    this.growing = new GrowingText(md);
    this.following = pane.role === "view";
    const title = showHidden(pane.title);
    const heading = element("h2", "title", title);
    heading.id = `title-${index}`;
    const status = element("p", "status");
    status.id = `status-${index}`;
    this.sign.setAttribute("aria-hidden", "true");
    status.append(this.sign, this.state);

    this.stopButton = button("stop", fill(words.stopNamed, { title }), words.stop, () => this.stop());
    this.retryButton = button("retry", fill(words.retryNamed, { title }), words.retry, () =>
      this.retry(),
    );
    this.endButton = button("to-end", fill(words.toEndNamed, { title }), words.toEnd, () => {
      this.toEnd();
      this.body.focus();
    });
    this.askButton = button("ask", fill(words.askNamed, { title }), words.ask, () => this.ask());
    this.askButton.append(icon("ask"));
    this.moreButton = button("more", fill(words.moreNamed, { title }), words.more, () => this.showMenu());
    this.moreButton.append(icon("more"));
    this.question = new QuestionField(
      title,
      words,
      (question) => this.actions.ask(this.branch, question),
      () => this.focus(),
    );
    this.closerButton.type = "button";
    this.closerButton.textContent = words.lookCloser;
    this.closerButton.hidden = true;
    // The press must not take the selection away first.
    this.closerButton.addEventListener("mousedown", (event) => event.preventDefault());
    this.closerButton.addEventListener("click", () => this.lookCloser());
    this.foldButton = button("fold", "", "", () => this.actions.fold(this.branch));
    this.foldButton.append(icon("chevron"));
    this.foldButton.hidden = true;
    this.callButton.type = "button";
    this.callButton.addEventListener("click", () => this.retry());
    this.call.append(this.callText, this.callButton);
    this.endButton.append(icon("down"));
    this.stopButton.append(icon("stop"));
    this.retryButton.append(icon("retry"));

    const origin = element("p", "from");
    setText(origin, from === "" ? "" : fill(words.goesOnFrom, { title: showHidden(from) }));
    const line = element("div", "line");
    const number = element("span", "number", String(index + 1));
    number.title = words.keys;
    number.setAttribute("aria-hidden", "true");
    line.append(this.foldButton, heading, number, status, this.stopButton, this.askButton, this.retryButton, this.moreButton);
    const head = element("header", "head");
    head.append(origin, line, this.reason, this.facts);

    this.answer.append(this.open);
    if (answerLanguage !== "") {
      this.answer.lang = answerLanguage;
    }
    this.body = element("div", "body");
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", fill(words.answer, { title }));
    this.body.setAttribute("aria-describedby", status.id);
    this.body.append(this.answer);
    this.body.addEventListener("scroll", () => this.onScroll(), { passive: true });

    this.root = element("section", `pane ${pane.role}`);
    this.root.setAttribute("aria-labelledby", heading.id);
    this.root.dataset["branch"] = pane.branch;
    this.root.append(head, this.call, this.body, this.question.root, this.closerButton, this.endButton);
    this.root.addEventListener("click", ({ target }) => {
      if (this.isFolded && !(target as Element).closest("button")) {
        this.actions.fold(this.branch);
      }
    });
    // A change of size moves the end away from a reader who was there.
    new ResizeObserver(() => this.keepEnd()).observe(this.body);
    this.setFollowing(this.following);
    this.render(pane);
  }

  /** Shows a pane's present state; says its new status if it is of another kind than before. */
  render(pane: Pane): Status | undefined {
    const before = this.shown;
    if (pane === before) {
      return undefined;
    }
    this.pane = pane;
    this.shown = pane;
    this.renderText(pane, before);
    const status = statusOf(pane, this.words, this.language);
    this.renderHead(pane, status);
    if (before?.state.kind !== pane.state.kind) {
      this.settle();
      return status;
    }
    return before.older.length < pane.older.length ? { ...status, spoken: status.call } : undefined;
  }

  get branch(): string {
    return this.pane.branch;
  }

  /** How far the pane is scrolled; nothing while it follows its end. */
  place(): number | undefined {
    return this.following ? undefined : this.body.scrollTop;
  }

  /** Goes back to a place that was left. */
  restore(place: number | undefined): void {
    if (place !== undefined) {
      this.body.scrollTop = place;
      this.onScroll();
    }
  }

  /** Takes the keyboard's focus. */
  focus(): void {
    const target = this.pane.state.kind === "on_demand" ? this.callButton : this.body;
    target.focus();
  }

  get isView(): boolean {
    return this.pane.role === "view";
  }

  get folded(): boolean {
    return this.isFolded;
  }

  /** Whether a reader is in this pane: with the keyboard, by a selection, or scrolled away from its end. */
  isRead(): boolean {
    const { anchorNode, isCollapsed } = document.getSelection() ?? { anchorNode: null, isCollapsed: true };
    const selected = !isCollapsed && this.root.contains(anchorNode);
    return selected || !this.following || this.root.contains(document.activeElement);
  }

  /** Shows the heading and the first line alone, or all of it; from now on the reader can do so, too. */
  fold(folded: boolean): void {
    const changed = folded !== this.isFolded;
    this.isFolded = folded;
    this.root.classList.toggle("folded", folded);
    const { words } = this;
    this.foldButton.hidden = false;
    this.foldButton.title = folded ? words.unfold : words.fold;
    const title = showHidden(this.pane.title);
    this.foldButton.setAttribute("aria-label", fill(folded ? words.unfoldNamed : words.foldNamed, { title }));
    this.foldButton.setAttribute("aria-expanded", String(!folded));
    if (changed) {
      this.body.scrollTop = 0;
      this.setFollowing(isAlive(this.pane));
    }
    this.keepEnd();
  }

  stop(): void {
    if (isAlive(this.pane) && this.begin()) {
      this.actions.stop(this.pane.branch);
    }
  }

  retry(): void {
    if (!isAlive(this.pane) && this.begin()) {
      this.actions.retry(this.pane.branch);
    }
  }

  /** Opens the field for a question about this answer. */
  ask(): void {
    if (this.isAnswered) {
      if (this.isFolded) {
        this.actions.fold(this.branch);
      }
      this.question.open();
    }
  }

  /** A section that goes on from this one is there. True where it was asked for here. */
  hasBeenAsked(): boolean {
    return this.question.taken();
  }

  /** Offers to look closer at what is selected here, and tells the menu of it. */
  select(selection: Selection | null): void {
    const lines = this.isAnswered ? selectedLines(this.answer, selection) : undefined;
    this.closerButton.hidden = lines === undefined;
    this.tellMenu(lines);
    if (lines !== undefined && selection !== null) {
      const [at, frame] = [selection.getRangeAt(0).getBoundingClientRect(), this.root.getBoundingClientRect()];
      const [body, height] = [this.body.getBoundingClientRect(), this.closerButton.offsetHeight];
      const top = Math.min(Math.max(at.bottom + 4, body.top), body.bottom - height - 4) - frame.top;
      this.closerButton.style.top = `${top}px`;
    }
  }

  /** Unfolds, or asks again where the answer is not complete or out of date; another is not thrown away by the way. */
  enter(): void {
    if (this.isFolded) {
      this.actions.fold(this.branch);
    } else if (this.pane.state.kind !== "done" || this.pane.older.length > 0) {
      this.retry();
    }
  }

  private get isAnswered(): boolean {
    return !isAlive(this.pane) && this.pane.text !== "";
  }

  private lookCloser(): void {
    const lines = selectedLines(this.answer, document.getSelection());
    if (lines !== undefined) {
      document.getSelection()?.removeAllRanges();
      this.select(null);
      this.actions.lookCloser(this.branch, lines);
    }
  }

  /** The editor's own menu: it is shown where a context menu is asked for. */
  private showMenu(): void {
    const { left, bottom } = this.moreButton.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, clientX: left, clientY: bottom };
    this.moreButton.dispatchEvent(new MouseEvent("contextmenu", at));
  }

  /** What the editor's menu shows, and its commands are told. */
  private tellMenu(lines?: Lines): void {
    const { branch, state } = this.pane;
    const answered = this.isAnswered;
    const over = !isAlive(this.pane) && state.kind !== "on_demand";
    const selected = lines !== undefined;
    const told = { branch, kaizodoAnswered: answered, kaizodoOver: over, kaizodoSelected: selected };
    // Without a selection there is nothing to cut, copy or paste.
    const only = { preventDefaultContextMenuItems: !selected };
    this.root.dataset["vscodeContext"] = JSON.stringify({ ...told, ...only, ...(lines === undefined ? {} : { lines }) });
  }

  private renderText(pane: Pane, before: Pane | undefined): void {
    if (before?.generation !== pane.generation) {
      this.growing = new GrowingText(this.md);
      this.open.replaceChildren();
      this.answer.replaceChildren(this.open);
    } else if (before.text === pane.text) {
      return;
    }
    const { settled, open } = this.growing.render(pane.text);
    if (settled !== "") {
      this.open.insertAdjacentHTML("beforebegin", settled);
    }
    this.open.innerHTML = open;
    this.keepEnd();
    this.setFollowing(this.following);
  }

  private renderHead(pane: Pane, { look, text, reason, facts, call }: Status): void {
    const alive = isAlive(pane);
    this.root.dataset["look"] = look;
    this.root.classList.toggle("alive", alive);
    this.root.classList.toggle("blank", pane.text === "");
    this.root.classList.toggle("old", pane.anew);
    setText(this.state, showHidden(text));
    setText(this.reason, showHidden(reason));
    setText(this.facts, showHidden(facts.join(" · ")));
    setText(this.callText, showHidden(call));
    this.call.hidden = call === "";
    const unasked = pane.state.kind === "on_demand";
    const { words } = this;
    setText(this.callButton, unasked ? words.write : words.retry);
    const named = unasked ? words.writeNamed : words.retryNamed;
    this.callButton.setAttribute("aria-label", fill(named, { title: showHidden(pane.title) }));
    const gone = alive ? [this.retryButton, this.callButton] : [this.stopButton];
    const lostFocus = gone.some((button) => button === document.activeElement);
    this.stopButton.hidden = !alive;
    // What was never asked has its own button.
    this.retryButton.hidden = alive || unasked;
    this.askButton.hidden = !this.isAnswered;
    this.moreButton.hidden = alive;
    this.tellMenu();
    if (lostFocus) {
      this.focus();
    }
  }

  private onScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.body;
    const left = scrollHeight - scrollTop - clientHeight;
    // Who moves up leaves at once: a scroll begins with a pixel or two.
    this.setFollowing(left <= 1 || (left <= NEAR_END && scrollTop >= this.top));
    this.top = scrollTop;
  }

  private keepEnd(): void {
    if (this.following && !this.isFolded) {
      this.toEnd();
    }
    this.showEndButton();
  }

  private toEnd(): void {
    this.body.scrollTop = this.body.scrollHeight;
    this.top = this.body.scrollTop;
  }

  private setFollowing(following: boolean): void {
    this.following = following;
    this.showEndButton();
  }

  private showEndButton(): void {
    const { scrollHeight, clientHeight } = this.body;
    this.endButton.hidden = this.following || this.isFolded || scrollHeight <= clientHeight + 1;
  }

  /** Whether a button may act: not while the last press has had no effect yet. */
  private begin(): boolean {
    if (this.pending !== undefined) {
      return false;
    }
    this.root.classList.add("pending");
    this.pending = setTimeout(() => this.settle(), PENDING_MS);
    return true;
  }

  private settle(): void {
    clearTimeout(this.pending);
    this.pending = undefined;
    this.root.classList.remove("pending");
  }
}
