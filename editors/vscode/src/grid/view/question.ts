/// <reference lib="dom" />
/** A text field below an answer, for a question about it. */

import { fill, type Words } from "../core/words.js";
import { element, PENDING_MS } from "./dom.js";

/** A question that has not been sent. */
export interface Draft {
  readonly text: string;
  /** Its field stands there. */
  readonly open: boolean;
}

export class QuestionField {
  readonly root = element("div", "question");
  private readonly field = element("textarea", "question-text");
  private readonly sendButton = element("button", "write");
  /** A question that has left and has no section yet. */
  private sent: string | undefined;
  /** When it has left. */
  private sentAt = 0;

  constructor(
    title: string,
    words: Words,
    private readonly send: (question: string) => void,
    /** The draft is another, or its field has been opened or closed. */
    private readonly changed: () => void,
    /** The field has gone, and with it the keyboard's focus. */
    private readonly closed: () => void,
  ) {
    this.field.rows = 2;
    this.field.placeholder = fill(words.question, { title });
    this.field.setAttribute("aria-label", fill(words.askNamed, { title }));
    this.sendButton.type = "button";
    this.sendButton.textContent = words.send;
    this.sendButton.addEventListener("click", () => this.submit());
    const foot = element("div", "question-foot");
    foot.append(element("span", "question-keys", words.questionKeys), this.sendButton);
    this.field.addEventListener("keydown", (event) => this.onKey(event));
    this.field.addEventListener("input", () => this.changed());
    this.root.append(this.field, foot);
    // Here text is pasted.
    this.root.dataset["vscodeContext"] = JSON.stringify({ preventDefaultContextMenuItems: false });
    this.root.hidden = true;
  }

  open(): void {
    this.root.hidden = false;
    this.sent = undefined;
    this.field.focus();
    this.root.scrollIntoView({ block: "nearest" });
    this.changed();
  }

  /** Nothing where nothing is typed. */
  get draft(): Draft | undefined {
    const text = this.field.value;
    return text.trim() === "" ? undefined : { text, open: !this.root.hidden };
  }

  /** Shows a draft of before again, and leaves the keyboard's focus where it is. */
  restore({ text, open }: Draft): void {
    this.field.value = text;
    this.root.hidden = !open;
  }

  /** The question that has left has its section: the field goes, unless another is being typed. True where it went. */
  taken(): boolean {
    const isTaken = !this.root.hidden && this.sent !== undefined && this.sent === this.field.value.trim();
    this.sent = undefined;
    if (isTaken) {
      this.field.value = "";
      this.close();
    }
    return isTaken;
  }

  /** Goes; what is typed stays. */
  private close(): void {
    const hadFocus = this.root.contains(document.activeElement);
    this.root.hidden = true;
    this.changed();
    if (hadFocus) {
      this.closed();
    }
  }

  /** The text stays until the question has its section: one that is refused can be changed, or sent once more. */
  private submit(): void {
    const question = this.field.value.trim();
    const isOnItsWay = question === this.sent && performance.now() - this.sentAt < PENDING_MS;
    if (question !== "" && !isOnItsWay) {
      this.sent = question;
      this.sentAt = performance.now();
      this.send(question);
    }
  }

  private onKey(event: KeyboardEvent): void {
    // What is typed is no key of the page's, and Escape, which may end a composition, must not stop the run.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) {
      event.stopPropagation();
    }
    if (isComposing(event)) {
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }
}

/** A key that an input method takes; some browsers say so by its code alone, on the Enter that ends a composition. */
export function isComposing(event: { isComposing: boolean; keyCode: number }): boolean {
  return event.isComposing || event.keyCode === 229;
}
