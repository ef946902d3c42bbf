/// <reference lib="dom" />
/** An answer: Markdown that grows, and the reader's marks in it. */

import { GrowingText } from "../core/blocks.js";
import type { Mark } from "../core/events.js";
import type { Pane } from "../core/fold.js";
import type { Markdown } from "../core/markdown.js";
import { element } from "./dom.js";
import { blockOf } from "./passage.js";

export class AnswerView {
  readonly root = element("div", "answer");
  /** Holds the block that may still change; settled blocks stand before it. */
  private readonly open = element("div", "open");
  private growing: GrowingText;
  private shown: Pick<Pane, "generation" | "text" | "marks"> | undefined;

  constructor(
    private readonly md: Markdown,
    language: string,
  ) {
    this.growing = new GrowingText(md);
    this.root.append(this.open);
    if (language !== "") {
      this.root.lang = language;
    }
  }

  /** Shows what has come; settled blocks are left alone. */
  render({ generation, text, marks }: Pane): void {
    const before = this.shown;
    this.shown = { generation, text, marks };
    if (before?.generation !== generation) {
      this.growing = new GrowingText(this.md);
      this.open.replaceChildren();
      this.root.replaceChildren(this.open);
    }
    if (before?.generation !== generation || before.text !== text) {
      const { settled, open } = this.growing.render(text);
      if (settled !== "") {
        this.open.insertAdjacentHTML("beforebegin", settled);
      }
      this.open.innerHTML = open;
      this.mark(marks);
    } else if (before.marks !== marks) {
      this.mark(marks);
    }
  }

  /** Blocks that are wider than their place can be scrolled by the keyboard, and only they. */
  reach(): void {
    for (const block of Array.from(this.root.querySelectorAll<HTMLElement>("pre, .table"))) {
      if (block.scrollWidth > block.clientWidth + 1) {
        block.tabIndex = 0;
      } else {
        block.removeAttribute("tabindex");
      }
    }
  }

  private mark(marks: readonly Mark[]): void {
    for (const block of Array.from(this.root.querySelectorAll<HTMLElement>("[data-mark]"))) {
      delete block.dataset["mark"];
    }
    for (const { line, mark } of marks) {
      const block = blockOf(this.root, line);
      if (block !== undefined) {
        block.dataset["mark"] = mark;
      }
    }
  }
}
