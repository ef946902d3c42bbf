/// <reference lib="dom" />
/** Beside a selection in an answer: what can be done with its lines. */

import type { Mark } from "../core/events.js";
import type { Words } from "../core/words.js";
import { element } from "./dom.js";
import { endOf, type Lines, selectedLines } from "./passage.js";

export interface BarActions {
  lookCloser(lines: Lines): void;
  mark(line: number, mark: "keep" | "drop" | undefined): void;
  comment(line: number, comment: string): void;
}

/** Space between a selection and the bar, in pixels. */
const GAP = 4;

/** An item's text that has as many characters may be cut: as many does the server keep. */
const CUT_CHARS = 400;

/**
 * The mark on the item that a line is in: what is one item for the server may be several blocks here, as a table is. The
 * text of a long item is cut, but it ends with its block.
 */
function markAt(answer: HTMLElement, marks: readonly Mark[], at: number): Mark | undefined {
  return [...marks].reverse().find(({ line, text }) => {
    const known = line + text.split(/\r\n?|\n/).length;
    const end = text.length < CUT_CHARS ? known : Math.max(known, endOf(answer, line));
    return line <= at && at < end;
  });
}

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
      this.marked = markAt(this.answer, marks, first);
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
