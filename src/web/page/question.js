// @ts-check
/** A field for a question about an answer, or about all of them. What is typed is kept in the tab. */

import { sentence } from "./api.js";
import { button, element, isComposing, sends, setDisabled, setText } from "./dom.js";
import { fill, wordsFor } from "./shared.js";
import { language, sendKeys, words } from "./words.js";

const grid = wordsFor(language);

export class QuestionField {
  root = element("div", "question");
  #field = element("textarea", "question-text");
  #problem = element("p", "problem");
  #who = element("span", "who");
  #sending = false;
  #send;
  #key;
  #closed;
  #sendButton;

  /**
   * @param {string} label
   * @param {string} key where the draft is kept
   * @param {(question: string) => Promise<() => void>} send gives what is to be done once the field has gone
   * @param {(() => void) | undefined} closed it was closed; a field without it stays open
   */
  constructor(label, key, send, closed) {
    this.#send = send;
    this.#key = `kaizodo.question.${key}`;
    this.#closed = closed;
    this.#field.rows = 2;
    this.#field.placeholder = label;
    this.#field.setAttribute("aria-label", label);
    this.#field.value = sessionStorage.getItem(this.#key) ?? "";
    this.#field.addEventListener("input", () => sessionStorage.setItem(this.#key, this.#field.value));
    this.#field.addEventListener("keydown", (event) => this.#onKey(event));
    this.#problem.setAttribute("role", "alert");
    setText(this.#problem, "");
    this.#sendButton = button("main-button", grid.send, () => void this.#submit());
    const keys = fill(closed === undefined ? words.questionKeysOpen : words.questionKeys, { keys: sendKeys });
    const foot = element("div", "question-foot");
    foot.append(this.#who, element("span", "keys", keys), this.#sendButton);
    this.root.append(this.#field, this.#problem, foot);
  }

  /** Whether something is typed that has not been sent. */
  get isEmpty() {
    return this.#field.value.trim() === "";
  }

  /** @param {string} who will be asked */
  tellWho(who) {
    setText(this.#who, who);
  }

  focus() {
    this.#field.focus();
  }

  /** The text stays until the server has taken the question: one that is refused can be changed. */
  async #submit() {
    const question = this.#field.value.trim();
    if (this.#sending) {
      return;
    }
    if (question === "") {
      setText(this.#problem, words.noQuestion);
      this.#field.focus();
      return;
    }
    this.#sending = true;
    setDisabled(this.#sendButton, true);
    setText(this.#problem, "");
    try {
      const sent = await this.#send(question);
      this.#field.value = "";
      sessionStorage.removeItem(this.#key);
      this.#closed?.();
      sent();
    } catch (error) {
      setText(this.#problem, sentence(error));
    } finally {
      this.#sending = false;
      setDisabled(this.#sendButton, false);
    }
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (sends(event)) {
      event.preventDefault();
      void this.#submit();
    } else if (event.key === "Escape" && !isComposing(event) && this.#closed !== undefined) {
      event.preventDefault();
      this.#closed();
    }
  }
}
