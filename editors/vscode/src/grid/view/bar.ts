/// <reference lib="dom" />
/** Beside a selection in an answer: what can be done with its lines. */

import type { Mark } from "../core/events.js";
import type { Words } from "../core/words.js";
import { element } from "./dom.js";
import { type Lines, selectedLines } from "./passage.js";

export interface BarActions {
  lookCloser(lines: Lines): void;
  mark(line: number, mark: "keep" | "drop" | undefined): void;
  comment(line: number, comment: string): void;
}

/** Space between a selection and the bar, in pixels. */
const GAP = 4;

export class SelectionBar {
  readonly root = element("div", "bar");
  private readonly closer = element("button", "closer write");
  private readonly keep = element("button", "mark-keep");
  private readonly drop = element("button", "mark-drop");
  private readonly comment = element("button", "mark-comment");
  private lines: Lines | undefined;
  private marked: Mark | undefined;

  constructor(
    private readonly answer: HTMLElement,
    /** Positions are counted from here. */
    private readonly frame: HTMLElement,
    words: Words,
    private readonly actions: BarActions,
  ) {
    const named: [HTMLButtonElement, string, string][] = [
      [this.closer, words.lookCloser, ""],
      [this.keep, words.keep, "✓ "],
      [this.drop, words.drop, "✗ "],
      [this.comment, words.comment, "✎ "],
    ];
    for (const [button, text, sign] of named) {
      button.type = "button";
      button.textContent = sign + text;
      button.setAttribute("aria-label", text);
    }
    this.root.append(this.closer, this.keep, this.drop, this.comment);
    this.root.hidden = true;
    // The press must not take the selection away first.
    this.root.addEventListener("mousedown", (event) => event.preventDefault());
    this.closer.addEventListener("click", () => this.act((lines) => this.actions.lookCloser(lines)));
    this.keep.addEventListener("click", () => this.toggle("keep"));
    this.drop.addEventListener("click", () => this.toggle("drop"));
    this.comment.addEventListener("click", () => {
      const said = this.marked?.comment ?? "";
      this.act(({ first }) => this.actions.comment(first, said));
    });
  }

  /** Shows itself below what is selected here; gives the lines. */
  show(selection: Selection | null, marks: readonly Mark[], isPossible: boolean): Lines | undefined {
    this.lines = isPossible ? selectedLines(this.answer, selection) : undefined;
    this.root.hidden = this.lines === undefined;
    if (this.lines !== undefined && selection !== null) {
      const { first } = this.lines;
      this.marked = marks.find(({ line }) => line === first);
      this.keep.setAttribute("aria-pressed", String(this.marked?.mark === "keep"));
      this.drop.setAttribute("aria-pressed", String(this.marked?.mark === "drop"));
      this.comment.setAttribute("aria-pressed", String(this.marked?.mark === "comment"));
      const [at, frame] = [selection.getRangeAt(0).getBoundingClientRect(), this.frame.getBoundingClientRect()];
      const lowest = Math.min(frame.bottom, innerHeight) - this.root.offsetHeight - GAP;
      this.root.style.top = `${Math.max(GAP, Math.min(at.bottom + GAP, lowest)) - frame.top}px`;
    }
    return this.lines;
  }

  private toggle(mark: "keep" | "drop"): void {
    const next = this.marked?.mark === mark ? undefined : mark;
    this.act(({ first }) => this.actions.mark(first, next));
  }

  private act(deed: (lines: Lines) => void): void {
    const { lines } = this;
    if (lines !== undefined) {
      document.getSelection()?.removeAllRanges();
      this.root.hidden = true;
      deed(lines);
    }
  }
}
