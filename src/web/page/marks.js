// @ts-check
/** The reader's marks on the items of an answer: keep this, drop that, and the answer written anew with them. */

import { button, element, setDisabled } from "./dom.js";
import { fill, wordsFor } from "./shared.js";
import { language, words } from "./words.js";

const grid = wordsFor(language);

/** @typedef {import("./shared.js").Mark} Mark */

/** What an answer's items are. One inside of another is not marked by itself unless it is a list's. */
const ITEMS = ["li[data-lines]", ...["p", "pre", "h3", "h4", "h5", "h6"].map((tag) => `${tag}[data-lines]:not(li *, blockquote *)`)];

/** Shows an answer's marks, and lets the reader set them. */
export class Marking {
  /** What stands below the answer while its items are marked. */
  root = element("div", "marking");
  #answer;
  #set;
  #on = false;
  /** @type {readonly Mark[]} */
  #marks = [];
  #rewrite;

  /**
   * @param {HTMLElement} answer
   * @param {string} title of the section
   * @param {(line: number, mark: "keep" | "drop" | undefined) => Promise<void>} set
   * @param {() => void} rewrite
   * @param {() => void} done
   */
  constructor(answer, title, set, rewrite, done) {
    this.#answer = answer;
    this.#set = set;
    this.#rewrite = button("main-button", grid.revise, rewrite, { name: fill(grid.reviseNamed, { title }) });
    this.root.append(element("p", "marking-hint", words.markHint), this.#rewrite, button("quiet-button", words.close, done));
    this.root.hidden = true;
  }

  get isOn() {
    return this.#on;
  }

  /** @param {boolean} on */
  turn(on) {
    this.#on = on;
    this.root.hidden = !on;
    this.show(this.#marks);
    if (on) {
      this.#answer.querySelector("button")?.focus();
    }
  }

  /** Shows marks on an answer that is there in whole.
   *
   * @param {readonly Mark[]} marks
   */
  show(marks) {
    this.#marks = marks;
    setDisabled(this.#rewrite, marks.length === 0);
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (this.#answer.querySelectorAll(ITEMS.join()))) {
      const line = Number.parseInt(item.dataset["lines"] ?? "", 10);
      const mark = this.#markOf(line);
      if (mark === undefined) {
        delete item.dataset["mark"];
      } else {
        item.dataset["mark"] = mark;
      }
      this.#offer(item, line, mark);
    }
  }

  /** @param {number} line */
  #markOf(line) {
    return this.#marks.find((one) => one.line === line)?.mark;
  }

  /**
   * @param {Element} item
   * @param {number} line
   * @param {Mark["mark"] | undefined} mark
   */
  #offer(item, line, mark) {
    const there = item.querySelector(":scope > .item-marks");
    if (!this.#on) {
      there?.remove();
      return;
    }
    if (there === null) {
      const text = (item.textContent ?? "").trim().slice(0, 40);
      const made = element("span", "item-marks");
      made.setAttribute("role", "group");
      made.setAttribute("aria-label", text);
      for (const kind of /** @type {const} */ (["keep", "drop"])) {
        const press = button(kind, grid[kind], () => {
          void this.#set(line, this.#markOf(line) === kind ? undefined : kind);
        });
        press.dataset["kind"] = kind;
        made.append(press);
      }
      // Before a list that stands in the item.
      item.insertBefore(made, item.querySelector(":scope > ul, :scope > ol"));
    }
    for (const press of item.querySelectorAll(":scope > .item-marks > button")) {
      press.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (press).dataset["kind"] === mark));
    }
  }
}
