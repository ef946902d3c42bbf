/// <reference lib="dom" />
/** One pane on the page: its head, and an answer that is as high as its text. */

import { isAlive, type Pane } from "../core/fold.js";
import type { Markdown } from "../core/markdown.js";
import { markOf, statusOf, type Status } from "../core/status.js";
import { showHidden } from "../core/visible.js";
import { fill, type Words } from "../core/words.js";
import { AnswerView } from "./answer.js";
import { SelectionBar } from "./bar.js";
import { button, element, icon, PENDING_MS, setSentence, setText } from "./dom.js";
import { PaneHead } from "./head.js";
import type { Lines } from "./passage.js";
import { type Draft, QuestionField } from "./question.js";

export interface PaneActions {
  stop(branch: string): void;
  retry(branch: string, withMarks: boolean): void;
  ask(branch: string, question: string): void;
  /** What is typed into the field for a question has changed. */
  drafted(): void;
  lookCloser(branch: string, lines: Lines): void;
  mark(branch: string, line: number, mark: "keep" | "drop" | undefined): void;
  comment(branch: string, line: number, comment: string): void;
  copy(branch: string): void;
  copyCode(code: string): void;
  /** The reader shows this pane alone, or all again. */
  enlarge(branch: string): void;
  /** The reader folds or unfolds this pane. */
  fold(branch: string): void;
}

export class PaneView {
  readonly root: HTMLElement;
  /** Has the keyboard's focus. */
  readonly body: HTMLElement;
  private readonly head: PaneHead;
  private readonly text: AnswerView;
  /** Why it is as it is, in the server's words. */
  private readonly reason = element("p", "reason");
  /** What is left to the reader, with the button for it: a focus to be written, or an answer that has marks. */
  private readonly call = element("div", "call");
  private readonly callText = element("span", "call-text");
  private readonly callButton = element("button", "write");
  private readonly revise = element("div", "revise");
  private readonly reviseText = element("span", "call-text");
  private readonly marks = element("ul", "marks");
  private readonly facts = element("p", "facts");
  private readonly bar: SelectionBar;
  /** Over a code block that is pointed at. */
  private readonly codeButton: HTMLButtonElement;
  private readonly question: QuestionField;
  private shown: Pane | undefined;
  private isFolded = false;
  private pending: ReturnType<typeof setTimeout> | undefined;
  private code: HTMLElement | undefined;

  constructor(
    private pane: Pane,
    index: number,
    from: string,
    md: Markdown,
    private readonly words: Words,
    private readonly language: string,
    answerLanguage: string,
    private readonly actions: PaneActions,
  ) {
    const title = showHidden(pane.title);
    this.head = new PaneHead(pane, index, from, words, language, {
      stop: () => this.stop(),
      retry: () => this.retry(),
      ask: () => this.ask(),
      copy: () => this.copy(),
      enlarge: () => actions.enlarge(this.branch),
      fold: () => actions.fold(this.branch),
    });
    this.text = new AnswerView(md, answerLanguage);
    this.question = new QuestionField(
      title,
      words,
      (question) => actions.ask(this.branch, question),
      () => actions.drafted(),
      () => this.focus(),
    );
    this.callButton.type = "button";
    this.callButton.addEventListener("click", () => this.retry());
    this.call.append(this.callText, this.callButton);
    const reviseButton = element("button", "write", words.revise);
    reviseButton.type = "button";
    reviseButton.setAttribute("aria-label", fill(words.reviseNamed, { title }));
    reviseButton.addEventListener("click", () => this.retry(true));
    this.revise.append(this.reviseText, reviseButton);
    this.marks.setAttribute("aria-label", fill(words.marks, { title }));

    this.body = element("div", "body");
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", fill(words.answer, { title }));
    this.body.setAttribute("aria-describedby", this.head.status.id);
    this.body.append(this.answer);
    this.codeButton = button("copy-code", words.copyCode, words.copyCode, () => this.copyCode());
    this.codeButton.append(icon("copy"));
    this.codeButton.hidden = true;
    this.answer.addEventListener("pointerover", ({ target }) => this.point(target));
    this.answer.addEventListener("focusin", ({ target }) => this.point(target));

    this.root = element("section", `pane ${pane.role}`);
    this.root.setAttribute("aria-labelledby", this.head.heading.id);
    this.root.dataset["branch"] = pane.branch;
    this.bar = new SelectionBar(this.answer, this.root, words, {
      lookCloser: (lines) => actions.lookCloser(this.branch, lines),
      mark: (line, mark) => actions.mark(this.branch, line, mark),
      comment: (line, comment) => actions.comment(this.branch, line, comment),
    });
    const foot = element("footer", "foot");
    foot.append(this.marks, this.revise, this.facts);
    this.root.append(this.head.root, this.reason, this.call, this.body, foot, this.question.root, this.bar.root, this.codeButton);
    this.root.addEventListener("pointerleave", () => this.point(null));
    this.root.addEventListener("click", ({ target }) => {
      if (this.isFolded && !(target as Element).closest("button")) {
        actions.fold(this.branch);
      }
    });
    this.render(pane);
  }

  /** Shows a pane's present state; says its new status if it is of another kind than before. */
  render(pane: Pane, reasonIsTold = false): Status | undefined {
    const before = this.shown;
    const wasTold = this.root.classList.contains("told");
    if (pane === before && wasTold === reasonIsTold) {
      return undefined;
    }
    this.pane = pane;
    this.shown = pane;
    this.text.render(pane);
    const status = statusOf(pane, this.words, this.language);
    this.renderState(pane, status, reasonIsTold);
    if (before?.state.kind !== pane.state.kind) {
      this.settle();
      return status;
    }
    return before.older.length < pane.older.length ? { ...status, spoken: status.call } : undefined;
  }

  get branch(): string {
    return this.pane.branch;
  }

  get answer(): HTMLElement {
    return this.text.root;
  }

  get isView(): boolean {
    return this.pane.role === "view";
  }

  get folded(): boolean {
    return this.isFolded;
  }

  /** Takes the keyboard's focus. */
  focus(): void {
    const target = this.pane.state.kind === "on_demand" ? this.callButton : this.body;
    target.focus({ preventScroll: true });
  }

  /** Whether a reader is in this pane: with the keyboard, or by a selection. */
  isRead(): boolean {
    const { anchorNode, isCollapsed } = document.getSelection() ?? { anchorNode: null, isCollapsed: true };
    const selected = !isCollapsed && this.root.contains(anchorNode);
    return selected || this.root.contains(document.activeElement);
  }

  /** Shows the heading and the first line alone, or all of it; from now on the reader can do so, too. */
  fold(folded: boolean): void {
    this.isFolded = folded;
    this.root.classList.toggle("folded", folded);
    this.head.offerFold(folded);
  }

  /** It stands alone on the page, or with the others. */
  showAlone(alone: boolean): void {
    this.root.classList.toggle("alone", alone);
    this.head.showAlone(alone);
    this.text.reach();
  }

  stop(): void {
    if (isAlive(this.pane) && this.begin()) {
      this.actions.stop(this.branch);
    }
  }

  retry(withMarks = false): void {
    if (!isAlive(this.pane) && this.begin()) {
      this.actions.retry(this.branch, withMarks);
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

  /** A question that is being typed, or was and has not been sent; nothing where there is none. */
  get draft(): Draft | undefined {
    return this.question.draft;
  }

  /** Brings back what was typed before the page was hidden. */
  restoreDraft(draft: Draft): void {
    this.question.restore(draft);
  }

  /** Copies the code that has the keyboard's focus, else the answer. */
  copy(): void {
    const code = document.activeElement?.closest("pre");
    if (code && this.answer.contains(code)) {
      this.actions.copyCode(codeOf(code));
    } else if (this.isAnswered) {
      this.actions.copy(this.branch);
    }
  }

  /** A section that goes on from this one is there. True where it was asked for here. */
  hasBeenAsked(): boolean {
    return this.question.taken();
  }

  /** Offers what can be done with what is selected here, and tells the menu of it. */
  select(selection: Selection | null): void {
    this.tellMenu(this.bar.show(selection, this.pane.marks, this.isAnswered));
  }

  /** Selects the whole answer, and nothing around it. */
  selectAll(): void {
    document.getSelection()?.selectAllChildren(this.answer);
  }

  /** Unfolds; asks again where there is no answer or one that is out of date; else shows the pane alone, or all again. */
  enter(): void {
    const { state, text, older } = this.pane;
    if (this.isFolded) {
      this.actions.fold(this.branch);
    } else if (!isAlive(this.pane) && (state.kind === "on_demand" || older.length > 0 || text === "")) {
      this.retry();
    } else {
      this.actions.enlarge(this.branch);
    }
  }

  /** The place of the pane has changed its width. */
  resized(): void {
    this.text.reach();
    this.point(null);
  }

  dispose(): void {
    this.settle();
    this.head.dispose();
  }

  private get isAnswered(): boolean {
    return !isAlive(this.pane) && this.pane.text !== "";
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

  private renderState(pane: Pane, status: Status, reasonIsTold: boolean): void {
    const { words } = this;
    const alive = isAlive(pane);
    this.root.dataset["look"] = status.look;
    this.root.classList.toggle("alive", alive);
    this.root.classList.toggle("blank", pane.text === "");
    this.root.classList.toggle("old", pane.anew);
    this.root.classList.toggle("told", reasonIsTold);
    setSentence(this.reason, reasonIsTold ? "" : showHidden(status.reason));
    setText(this.facts, showHidden(status.facts.join(" · ")));
    setText(this.callText, showHidden(status.call));
    const lostCall = alive && document.activeElement === this.callButton;
    this.call.hidden = status.call === "";
    const unasked = pane.state.kind === "on_demand";
    setText(this.callButton, unasked ? words.write : words.retry);
    const named = unasked ? words.writeNamed : words.retryNamed;
    this.callButton.setAttribute("aria-label", fill(named, { title: showHidden(pane.title) }));
    this.marks.replaceChildren(...pane.marks.map((mark) => element("li", "mark", showHidden(markOf(mark, words)))));
    this.marks.hidden = pane.marks.length === 0;
    this.revise.hidden = alive || pane.marks.length === 0;
    setText(this.reviseText, fill(words.marked, { n: pane.marks.length }));
    const lostHead = this.head.render(pane, status);
    this.tellMenu();
    if (!alive) {
      this.text.reach();
    }
    if (lostHead || lostCall) {
      this.focus();
    }
  }

  /** Shows the button for the code block that is pointed at. */
  private point(target: EventTarget | null): void {
    const code = target instanceof Element ? target.closest("pre") : null;
    if (code === null ? target === null : code !== this.code) {
      this.code = code ?? undefined;
      this.codeButton.hidden = code === null;
    }
    if (code !== null) {
      const [at, frame] = [code.getBoundingClientRect(), this.root.getBoundingClientRect()];
      this.codeButton.style.top = `${at.top - frame.top + 4}px`;
      this.codeButton.style.right = `${frame.right - at.right + 4}px`;
    }
  }

  private copyCode(): void {
    if (this.code?.isConnected) {
      this.actions.copyCode(codeOf(this.code));
    }
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

function codeOf(block: Element): string {
  return block.querySelector("code")?.textContent ?? "";
}
